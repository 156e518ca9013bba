using Damon.Engine.Host;
using Damon.Engine.KernelDamon;
using Damon.NodeAgent.Agent;
using Damon.Testing;

namespace Damon.NodeAgent.Tests.Agent;

public class SharedKernelTests
{
    private readonly List<Interface> _opened = [];
    private HostError? _error;

    [Fact]
    public void The_interface_is_taken_with_the_first_place_and_given_back_with_the_last()
    {
        var shared = New();
        var (pods, node) = (shared.Of(KernelPlace.Pods), shared.Of(KernelPlace.Node));

        var first = node.Take();
        var second = pods.Take();

        _opened.Should().ContainSingle();
        _opened[0].Count.Should().Be(2);
        (first.Value, second.Value).Should().Be((_opened[0].Kdamonds[1], _opened[0].Kdamonds[0]));
        node.Release().IsDone.Should().BeTrue();
        (_opened[0].Released, _opened[0].IsDisposed).Should().Be((0, false));
        node.Take().Value.Should().BeSameAs(_opened[0].Kdamonds[1]);
        pods.Release();
        node.Release().Should().Be(_opened[0].Answer);
        (_opened[0].Released, _opened[0].IsDisposed).Should().Be((1, true));
        node.Release().IsDone.Should().BeTrue("there is nothing left to give back");
    }

    [Fact]
    public void Each_time_it_is_opened_anew_with_what_is_allowed_by_then()
    {
        var pods = New().Of(KernelPlace.Pods);
        pods.Take();
        pods.Release();
        pods.Take().IsOk.Should().BeTrue();

        _opened.Should().HaveCount(2);
    }

    [Fact]
    public void What_could_not_be_taken_is_let_go_of_and_may_be_tried_again()
    {
        var node = New().Of(KernelPlace.Node);
        _error = new HostError(HostErrorKind.Busy, "kdamonds", "somebody else's");

        node.Take().Error.Detail.Should().Be("somebody else's");
        _opened[0].IsDisposed.Should().BeTrue();
        node.Release().IsDone.Should().BeTrue();
        _opened[0].Released.Should().Be(0);

        _error = null;
        node.Take().IsOk.Should().BeTrue();
    }

    [Fact]
    public void A_place_that_is_taken_is_not_given_twice()
    {
        var shared = New();
        shared.Of(KernelPlace.Pods).Take();

        var again = () => shared.Of(KernelPlace.Pods).Take();
        again.Should().Throw<InvalidOperationException>().WithMessage("*Pods*");
    }

    [Fact]
    public void At_the_agents_end_what_could_not_be_given_back_is_let_go_of()
    {
        var shared = New();
        shared.Of(KernelPlace.Node).Take();

        shared.Dispose();

        (_opened[0].Released, _opened[0].IsDisposed).Should().Be((0, true));
    }

    private SharedKernel New() => new(() =>
    {
        _opened.Add(new Interface(_error));
        return _opened[^1];
    });

    private sealed class Interface(HostError? error) : IKernelInterface, IDisposable
    {
        public KernelOutcome Answer { get; } = new(KernelOutcomeKind.Done, "given back");

        public List<IKdamond> Kdamonds { get; } = [new SensingKdamond(new VirtualTime()), new SensingKdamond(new VirtualTime())];

        public int Count { get; private set; }

        public int Released { get; private set; }

        public bool IsDisposed { get; private set; }

        public HostResult<IKdamond> Take() => throw new InvalidOperationException("All places are taken at once.");

        public HostResult<IReadOnlyList<IKdamond>> Take(int count)
        {
            Count = count;
            return error is { } failed ? failed : Kdamonds;
        }

        public KernelOutcome Release()
        {
            Released++;
            return Answer;
        }

        public void Dispose() => IsDisposed = true;
    }
}
