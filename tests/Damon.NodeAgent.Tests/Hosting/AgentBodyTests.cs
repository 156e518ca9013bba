using System.Diagnostics.CodeAnalysis;
using Damon.Api.Nodes;
using Damon.Hosting.Processes;
using Damon.NodeAgent.Hosting;
using Damon.NodeAgent.Tests.Cluster;
using Damon.NodeAgent.Tests.Plans;
using Damon.NodeAgent.Tests.Safety;
using Damon.Testing;

#pragma warning disable CA1416 // Linux only, like all of this product.

namespace Damon.NodeAgent.Tests.Hosting;

[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "Makes a file that others may write.")]
public sealed class AgentBodyTests : IDisposable
{
    private readonly FakeHost _host = FakeHost.With(
        ("/proc/sys/kernel/random/boot_id", "boot-1\n"), ("/proc/sys/kernel/osrelease", "6.12.1\n"),
        ("/proc/pressure/memory", RailPod.Pressure()), ("/proc/meminfo", RailPod.Meminfo(1000, 1000)), ("/proc/vmstat", RailPod.Vmstat(0)));

    private readonly FakeHost _state = new();
    private readonly StringWriter _log = new();

    public void Dispose()
    {
        _log.Dispose();
        _state.Dispose();
        _host.Dispose();
    }

    [Fact]
    public void Without_the_host_s_proc_there_is_nothing_to_run_on()
    {
        using var empty = new FakeHost();
        Make(empty, out var why).Should().BeNull();
        why.Should().Contain("has no /proc of a host").And.Contain("--host-root");
    }

    [Fact]
    public void Two_agents_do_not_share_a_state()
    {
        using (var first = Make(_host, out _))
        {
            first.Should().NotBeNull();
            Make(_host, out var why).Should().BeNull();
            why.Should().Contain("Another agent runs").And.Contain(_state.Folder);
        }

        using var next = Make(_host, out var nothing);
        (next is null, nothing).Should().Be((false, ""));
    }

    [Fact]
    public void A_ledger_that_cannot_be_read_is_kept_and_told_of()
    {
        _state.Write("/ledger/ledger", "anybody's");
        File.SetUnixFileMode(_state.Folder + "/ledger/ledger", UnixFileMode.UserRead | UnixFileMode.OtherWrite);
        using var body = Make(_host, out _);
        body.Should().NotBeNull();
        _log.ToString().Should().Contain("the ledger of changes cannot be read").And.Contain("others may write it");
        _state.ReadText("/ledger/ledger").Should().Be("anybody's");
    }

    [Fact]
    public async Task A_plan_is_taken_up_reported_and_there_again_after_a_restart()
    {
        using (var body = Make(_host, out _)!)
        {
            body.Report().Should().BeNull("nothing is known yet");
            var report = await RunUntilAsync(body, () =>
            {
                body.Sink.PutNode(PlanDocuments.Node("Enforce", PlanDocuments.Scheme("cold")));
                body.Sink.PutConfig(PlanDocuments.Config("""{"mode":"Enforce"}"""));
                body.Sink.PutPods([]);
            });

            // This host has nothing that senses, and says so for the scheme.
            var scheme = report.Schemes.Should().ContainSingle().Subject;
            (scheme.Name, scheme.State, scheme.Reason.Length > 0).Should().Be(("cold", NodeSchemeState.Unsupported, true));
            report.Kernel.Should().Be("6.12.1");
            body.View.Figures!.HasPlan.Should().BeTrue();
            body.TakeTransitions().Should().BeEmpty();
        }

        using var again = Make(_host, out _)!;
        (await RunUntilAsync(again, static () => { })).Schemes.Should().ContainSingle("the plan was kept");
    }

    /// <summary>Runs the loop until it reports a scheme.</summary>
    private static async Task<Damon.NodeAgent.Plans.NodeReport> RunUntilAsync(AgentBody body, Action say)
    {
        using var stop = new CancellationTokenSource();
        var running = Task.Factory.StartNew(() => body.Run(stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        say();
        while (body.Report() is not { Schemes.Count: > 0 })
        {
            running.IsCompleted.Should().BeFalse();
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        var report = body.Report()!;
        await stop.CancelAsync();
        await running;
        return report;
    }

    private AgentBody? Make(FakeHost host, out string why) =>
        AgentBody.TryMake(new AgentOptions { NodeName = ClusterBench.NodeName, HostRoot = host.Folder, StateFolder = _state.Folder }, new JsonLog(_log, TimeProvider.System), TimeProvider.System, seed: 1, out why);
}
