using Damon.Engine.Machine;
using Damon.Lab.Guest.Running;
using Damon.Testing;

namespace Damon.Lab.Tests.Running;

public sealed class LabRunnerTests : IDisposable
{
    private readonly FakeHost _host = new();
    private readonly StringWriter _output = new();

    public void Dispose()
    {
        _host.Dispose();
        _output.Dispose();
    }

    [Fact]
    public async Task A_failing_test_ends_neither_the_run_nor_the_others()
    {
        var failed = await RunAsync(
            Test("good", _ => Task.CompletedTask),
            Test("wrong", _ => throw new ExpectationException("saw 2")),
            Test("broken", _ => throw new InvalidOperationException("oh")),
            Test("good-too", _ => Task.CompletedTask));

        failed.Should().Be(2);
        Events().Where(told => told.IsResult).Select(told => (told.Test, told.Kind)).Should().Equal(
            ("good", LabEventKind.Passed), ("wrong", LabEventKind.Failed), ("broken", LabEventKind.Failed), ("good-too", LabEventKind.Passed));
        Events().Single(told => told.Test == "wrong" && told.IsResult).Message.Should().Be("saw 2");
        Events().Single(told => told.Test == "broken" && told.IsResult).Message.Should().StartWith("InvalidOperationException: oh");
        Events()[^1].Should().Be(new LabEvent(LabEventKind.Finished, Passed: 2, Failed: 2));
    }

    [Fact]
    public async Task A_test_that_the_machine_cannot_run_is_skipped_with_its_reason()
    {
        var ran = false;
        var failed = await RunAsync(Test("other", _ => Task.FromResult(ran = true)) with { SkipReason = machine => $"not on {machine.Promise!.Kernel}" });

        failed.Should().Be(0);
        ran.Should().BeFalse();
        Events().Should().Equal(new LabEvent(LabEventKind.Skipped, "other", Message: "not on small"), new LabEvent(LabEventKind.Finished, Skipped: 1));
    }

    [Fact]
    public async Task A_test_that_does_not_come_back_fails_and_is_left_behind()
    {
        var never = new TaskCompletionSource();
        // Every timer is due at once.
        var failed = await new LabRunner(_host.Root, Machine(), new VirtualTime(), _output).RunAsync([Test("stuck", _ => never.Task), Test("next", _ => Task.CompletedTask)]);

        failed.Should().BeGreaterThan(0);
        var stuck = Events().Single(told => told.Test == "stuck" && told.IsResult);
        stuck.Kind.Should().Be(LabEventKind.Failed);
        stuck.Message.Should().StartWith("not done after 120 s");
        Events().Should().Contain(told => told.Test == "next");
    }

    [Fact]
    public async Task What_a_test_switched_off_is_on_again_after_it()
    {
        _host.Write("/sys/module/damon_stat/parameters/enabled", "Y");

        await RunAsync(Test("free", context =>
        {
            context.FreeDamon();
            Expect.Equal("enabled", "N", context.Read("/sys/module/damon_stat/parameters/enabled"));
            return Task.CompletedTask;
        }));

        Events()[^1].Passed.Should().Be(1);
        _host.Root.ReadText("/sys/module/damon_stat/parameters/enabled").Value.Should().Be("Y");
    }

    [Fact]
    public async Task Waiting_ends_with_what_was_seen_last()
    {
        var looks = 0;
        var context = new LabContext(_host.Root, Machine(), new VirtualTime(), CancellationToken.None);

        (await context.UntilAsync("three", TimeSpan.FromSeconds(1), () => ++looks, seen => seen == 3)).Should().Be(3);
        var waiting = () => context.UntilAsync("never", TimeSpan.FromSeconds(1), () => ++looks, _ => false);

        (await waiting.Should().ThrowAsync<ExpectationException>()).WithMessage("never: not within 1 s; last seen: *");
        looks.Should().BeGreaterThan(5);
    }

    private static LabTest Test(string name, Func<LabContext, Task> body) => new(name, LabSet.Smoke, body);

    private Task<int> RunAsync(params LabTest[] tests) => new LabRunner(_host.Root, Machine(), TimeProvider.System, _output).RunAsync(tests);

    private LabMachine Machine() => new(new MachinePromise("small", "1.2.3", []), MachineFacts.Read(_host.Root));

    private List<LabEvent> Events() => [.. _output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => LabEvent.TryParse(line)!)];
}
