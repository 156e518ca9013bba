using Damon.Engine.Host;
using Damon.Engine.KernelDamon;

namespace Damon.Engine.Tests.KernelDamon;

public class ProcessScopeTests
{
    [Fact]
    public void Processes_keep_their_places_and_new_ones_take_those_of_the_dead()
    {
        IReadOnlyList<int> alive = [10, 11, 12];
        var scope = new ProcessScope(() => HostResultOf(alive), () => []);

        Pids(scope).Should().Equal(2, 10, 11, 12);
        alive = [12, 10];
        Pids(scope).Should().Equal(2, 10, 2, 12);
        alive = [10, 12, 13, 14];
        Pids(scope).Should().Equal(2, 10, 13, 12, 14);
    }

    [Fact]
    public void Every_place_that_nobody_has_is_met_in_every_pass()
    {
        IReadOnlyList<int> alive = [10];
        var scope = new ProcessScope(() => HostResultOf(alive), () => []);
        scope.Read();
        alive = [];

        scope.Read().Value.Targets.Should().HaveCount(2).And.OnlyContain(target => target.Pid == 2 && target.Ranges.Count == 1);
    }

    private static IEnumerable<int> Pids(ProcessScope scope) => scope.Read().Value.Targets.Select(target => target.Pid);

    private static HostResult<IReadOnlyList<int>> HostResultOf(IReadOnlyList<int> pids) => pids.ToList();
}
