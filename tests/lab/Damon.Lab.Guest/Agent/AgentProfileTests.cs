using System.Text.Json.Nodes;
using Damon.Lab.Guest.Pods;
using Damon.Lab.Guest.Privileges;
using Damon.Lab.Guest.Programs;
using Damon.Lab.Guest.Running;
using Damon.NodeAgent.Ledger;

namespace Damon.Lab.Guest.Agent;

/// <summary>
/// The published <c>damon-agent</c> does its work as it is shipped: in a container that is not privileged, with the documented capabilities, the shipped seccomp profile and a read-only root, told by an API server
/// what to do. And with less than that it does not.
/// </summary>
internal static class AgentProfileTests
{
    private const int Slow = 1;
    private const ulong MiB = 1 << 20;
    private const string PageOut = """{"type":"Pageout"}""";
    private const string MoveAway = """{"type":"MigrateCold","destinations":[{"node":1,"weight":1}]}""";
    private const string Kdamonds = "/sys/kernel/mm/damon/admin/kdamonds";

    /// <summary>128 and the number of SIGSYS.</summary>
    private const int EndedByFilter = 159;
    private const int BadInput = 2;
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan KillSwitchBound = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    public static IReadOnlyList<LabTest> All { get; } =
    [
        Test(nameof(The_agent_pages_out_a_pods_cold_memory_and_nothing_else_as_it_is_shipped), The_agent_pages_out_a_pods_cold_memory_and_nothing_else_as_it_is_shipped),
        Test(nameof(The_agent_makes_no_call_that_its_profile_refuses), The_agent_makes_no_call_that_its_profile_refuses),
        Test(nameof(Without_a_call_that_it_needs_the_agent_does_not_work_and_says_so), Without_a_call_that_it_needs_the_agent_does_not_work_and_says_so),
        Test(nameof(Switched_off_at_the_api_server_the_agent_stops_within_ten_seconds), Switched_off_at_the_api_server_the_agent_stops_within_ten_seconds),
        Test(nameof(To_observe_takes_fewer_rights_and_changes_nothing), To_observe_takes_fewer_rights_and_changes_nothing),
        Test(nameof(What_a_killed_agent_owes_is_put_back_by_the_next_one_in_its_container), What_a_killed_agent_owes_is_put_back_by_the_next_one_in_its_container),
    ];

    private static LabTest Test(string name, Func<LabContext, Task> body) => new(name, LabSet.Full, body) { Timeout = TimeSpan.FromMinutes(5) };

    private static async Task The_agent_pages_out_a_pods_cold_memory_and_nothing_else_as_it_is_shipped(LabContext context)
    {
        context.FreeDamon();
        var neighbour = await context.StartWorkloadAsync("lab-hotcold", context.Containers[2], "--scale", "0.5");
        var workload = await SomebodysWorkload.StartAsync(context, context.Containers[0]);
        var (before, neighbourBefore) = (ContainerFigures.Of(context, workload), ContainerFigures.Of(context, neighbour));
        await using var cluster = await LabCluster.StartAsync(context);
        await cluster.PlanAsync(PageOut);
        var rights = AgentRights.ToAct(AgentRun.BackendOf(context.Machine));

        var agent = AgentContainer.Start(context, cluster, rights, "pageout");
        await agent.ReadyAsync(Minute);
        ConfinedProcess.Check(context, agent.Id, rights.Capabilities);
        await OnlyTheDocumentedPathsCanBeWritten(context, agent);
        await agent.UntilAsync("nearly all cold memory is in swap", Minute, () => context.Smaps(workload, hot: false).SwapBytes, swapped => swapped >= workload.ColdBytes / 100 * 95);

        // The loop measures when it acts, and tells a second later.
        var after = ContainerFigures.Of(context, workload);
        var gone = after.ProcessSwapBytes - before.ProcessSwapBytes;
        var told = await agent.UntilAsync("what is told is what is gone", Soon, () => agent.MetricAsync("""damon_agent_scheme_away_bytes{scheme="cold"}"""), bytes => bytes >= gone * 0.95 && bytes <= gone * 1.05);
        GuestConsole.Note($"agent confined: {told} told, {gone} gone; by memory.swap.current {after.SwapBytes - before.SwapBytes}; cold {context.Smaps(workload, hot: false).SwapBytes} of {workload.ColdBytes}");
        Expect.Equal("bytes of the hot region in memory", workload.HotBytes, context.Smaps(workload, hot: true).RssBytes);
        Expect.Between("bytes of the container in swap", workload.ColdBytes / 100 * 95, ulong.MaxValue, after.SwapBytes - before.SwapBytes);
        Expect.Equal("bytes of the other pod in swap", (neighbourBefore.SwapBytes, 0UL), (context.SwapBytes(neighbour.Group), neighbour.SwapBytes(context)));

        var status = await agent.UntilAsync("the status says so", Minute * 2, cluster.SchemeStatusAsync, scheme => Text(scheme, "state") == "Active" && scheme?["effect"]?["awayBytes"] is not null);
        Expect.Equal("the version that the status is about", "h-cold", Text(status, "appliedHash"));
        Expect.Equal("containers that it is for", 2, (int?)status!["targets"]);
        Expect.Equal("the plan is known", 1.0, await agent.MetricAsync("damon_agent_plan_known"));
        await agent.EndWellAsync();
        Expect.Equal("kdamonds that are left", "0", context.Host.Exists(Kdamonds) ? context.Read($"{Kdamonds}/nr_kdamonds") : "0");
    }

    /// <summary>What is refused may be passed over in silence, by a library that knows another way, or by one that goes on without. Here the first such call ends the agent.</summary>
    private static async Task The_agent_makes_no_call_that_its_profile_refuses(LabContext context)
    {
        var rights = AgentRights.ToAct(AgentRun.BackendOf(context.Machine)) with { EndsOnRefusal = true };
        context.FreeDamon();
        var workload = await SomebodysWorkload.StartAsync(context, context.Containers[0]);
        await using var cluster = await LabCluster.StartAsync(context);
        await cluster.PlanAsync(MoveAway);

        // What is in swap cannot be moved, so this comes first.
        var agent = AgentContainer.Start(context, cluster, rights, "strict");
        await agent.ReadyAsync(Minute);
        await agent.UntilAsync("cold memory is on the slow node", Minute, () => workload.BytesOn(context, hot: false, Slow), bytes => bytes >= workload.ColdBytes / 2);
        await cluster.PlanAsync(PageOut);
        await agent.UntilAsync("cold memory is in swap", Minute, () => context.Smaps(workload, hot: false).SwapBytes, swapped => swapped >= workload.ColdBytes / 2);
        await agent.UntilAsync("the status says so", Minute * 2, cluster.SchemeStatusAsync, scheme => Text(scheme, "state") == "Active");
        await agent.EndWellAsync();

        // And it would have been seen.
        var narrower = AgentContainer.Start(context, cluster, rights with { WithoutCalls = ["listen"] }, "strict");
        Expect.Equal("exit code of an agent that makes a call that is refused", EndedByFilter, (await narrower.EndAsync()).ExitCode);
    }

    private static async Task Without_a_call_that_it_needs_the_agent_does_not_work_and_says_so(LabContext context)
    {
        var rights = AgentRights.ToAct(AgentRun.BackendOf(context.Machine));
        context.FreeDamon();
        var workload = await SomebodysWorkload.StartAsync(context, context.Containers[0]);
        await using var cluster = await LabCluster.StartAsync(context);
        await cluster.PlanAsync(PageOut);

        var deaf = await AgentContainer.Start(context, cluster, rights with { WithoutCalls = ["listen"] }, "narrow").EndAsync();
        Expect.True($"without listen it says that it cannot listen; it ended with {deaf.ExitCode} and wrote {deaf.Errors}", deaf.ExitCode == BadInput && deaf.Errors.Contains("cannot listen", StringComparison.Ordinal));

        var idle = AgentContainer.Start(context, cluster, rights with { WithoutCalls = ["process_madvise"] }, "narrow");
        await idle.ReadyAsync(Minute);
        var status = await idle.UntilAsync(
            "without process_madvise the status says that the machine cannot do it", Minute * 2, cluster.SchemeStatusAsync, scheme => Text(scheme, "state") == "Unsupported");
        GuestConsole.Note($"without process_madvise: {status!.ToJsonString()}");
        Expect.Equal("bytes in swap", 0UL, workload.SwapBytes(context));
        await idle.EndWellAsync();
    }

    private static async Task Switched_off_at_the_api_server_the_agent_stops_within_ten_seconds(LabContext context)
    {
        context.FreeDamon();
        var workload = await SomebodysWorkload.StartAsync(context, context.Containers[0]);
        await using var cluster = await LabCluster.StartAsync(context);
        await cluster.PlanAsync(PageOut, quotaSize: "1Mi");
        var agent = AgentContainer.Start(context, cluster, AgentRights.ToAct(AgentRun.BackendOf(context.Machine)), "off");
        await agent.UntilAsync("it pages out", Minute, () => workload.SwapBytes(context), swapped => swapped >= 3 * MiB);

        // Nobody changes the plan: it goes on saying Enforce.
        await cluster.SwitchToAsync("Off");
        await Task.Delay(KillSwitchBound, context.Time, context.Cancellation);
        var atBound = workload.SwapBytes(context);
        await Task.Delay(KillSwitchBound, context.Time, context.Cancellation);
        var later = workload.SwapBytes(context);
        GuestConsole.Note($"switched off: {atBound} in swap after ten seconds, {later} after twenty, of {workload.ColdBytes}");
        Expect.Between("bytes in swap ten seconds after the bound", 0UL, atBound, later);
        Expect.Between("bytes in swap that would have gone on growing", 3 * MiB, workload.ColdBytes / 4 * 3, later);
        await agent.UntilAsync("the status says so", Minute, cluster.SchemeStatusAsync, scheme => (Text(scheme, "state"), Text(scheme, "reason")) == ("Stopped", "ClusterOff"));

        await cluster.SwitchToAsync("Enforce");
        await agent.UntilAsync("it pages out again", Minute, () => workload.SwapBytes(context), swapped => swapped >= later + MiB);
        await agent.EndWellAsync();
    }

    private static async Task To_observe_takes_fewer_rights_and_changes_nothing(LabContext context)
    {
        context.FreeDamon();
        var workload = await SomebodysWorkload.StartAsync(context, context.Containers[0]);
        await using var cluster = await LabCluster.StartAsync(context, "Observe");
        await cluster.PlanAsync(PageOut);
        var rights = AgentRights.ToObserve(AgentRun.BackendOf(context.Machine));

        var agent = AgentContainer.Start(context, cluster, rights, "observe");
        await agent.ReadyAsync(Minute);
        ConfinedProcess.Check(context, agent.Id, rights.Capabilities);
        var counted = await agent.UntilAsync(
            "the cold memory is counted", Minute, () => agent.MetricAsync("""damon_agent_scheme_would_apply_bytes_total{scheme="cold"}"""), bytes => bytes >= workload.ColdBytes * 0.9);
        GuestConsole.Note($"observed: {counted} counted of {workload.ColdBytes} cold");
        await agent.UntilAsync("the status says so", Minute, cluster.SchemeStatusAsync, scheme => (Text(scheme, "state"), Text(scheme, "reason")) == ("Observing", "ClusterObserve"));
        Expect.Equal("bytes in swap", 0UL, workload.SwapBytes(context));

        // What it may not do it does not try, and says which right is missing.
        await cluster.SwitchToAsync("Enforce");
        var status = await agent.UntilAsync("the status says that it cannot act", Minute, cluster.SchemeStatusAsync, scheme => Text(scheme, "state") == "Unsupported");
        Expect.True($"it names the capability: {status!.ToJsonString()}", Text(status, "message").Contains("CAP_SYS_NICE", StringComparison.Ordinal));
        Expect.Equal("bytes in swap after it was told to act", 0UL, workload.SwapBytes(context));
        await agent.EndWellAsync();
    }

    private static async Task What_a_killed_agent_owes_is_put_back_by_the_next_one_in_its_container(LabContext context)
    {
        var rights = AgentRights.ToAct(AgentRun.BackendOf(context.Machine));
        context.FreeDamon();
        var workload = await SomebodysWorkload.StartAsync(context, context.Containers[0]);
        await using var cluster = await LabCluster.StartAsync(context);
        await cluster.PlanAsync(MoveAway, quotaSize: "8Mi");
        var agent = AgentContainer.Start(context, cluster, rights, "killed");
        await agent.UntilAsync("a part of the cold region is on the slow node", Minute, () => workload.BytesOn(context, hot: false, Slow), bytes => bytes >= workload.ColdBytes / 4);
        await agent.KillAsync();
        var left = workload.BytesOn(context, hot: false, Slow);
        var owed = Owed(context, "killed");
        Expect.Between("bytes on the slow node without an agent", workload.ColdBytes / 4, workload.ColdBytes, left);
        Expect.Between("changes that it owes", 1, int.MaxValue, owed);

        // The plan is the same; that nothing new is done while putting back is seen is the configuration's.
        await cluster.SwitchToAsync("Off");
        var next = AgentContainer.Start(context, cluster, rights, "killed");
        await next.UntilAsync("nothing is on the slow node", Minute, () => workload.BytesOn(context, hot: false, Slow) + workload.BytesOn(context, hot: true, Slow), bytes => bytes == 0);
        await next.ReadyAsync(Minute);
        await next.EndWellAsync();
        GuestConsole.Note($"killed with {left} on the slow node and {owed} changes owed; the next one has put back");
        Expect.Equal("changes that are owed", 0, Owed(context, "killed"));

        Expect.Equal("bytes of both regions on the fast node", workload.HotBytes + workload.ColdBytes, workload.BytesOn(context, hot: true, 0) + workload.BytesOn(context, hot: false, 0));
        Expect.Equal("kdamonds that are left", "0", context.Host.Exists(Kdamonds) ? context.Read($"{Kdamonds}/nr_kdamonds") : "0");
    }

    /// <summary>As the kernel sees it from outside: a file is tried in each folder of the container's own view.</summary>
    private static async Task OnlyTheDocumentedPathsCanBeWritten(LabContext context, AgentContainer agent)
    {
        (string Folder, bool Writable)[] expected = [("/", false), ("/lab", false), ("/dev", false), ("/etc/damon", false), ("/var/lib", false), ("/host", false), ("/host/run", false), ("/host/run/damon", true), ("/var/lib/damon", true)];
        foreach (var (folder, writable) in expected)
        {
            var path = $"/proc/{agent.Id}/root{folder}/tried";
            var tried = await context.RunAsync("/bin/sh", "-c", "echo >\"$0\" && rm \"$0\"", path);
            Expect.Equal($"{folder} can be written ({tried.Errors.Trim()})", writable, tried.ExitCode == 0);
        }

        var setting = await context.RunAsync("/bin/sh", "-c", "echo 1 >\"$0\"", $"/proc/{agent.Id}/root/host/proc/sys/vm/page-cluster");
        Expect.True($"/host/proc cannot be written: {setting.Errors}", setting.Errors.Contains("Read-only", StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>What the ledger of an agent that has ended says.</summary>
    private static int Owed(LabContext context, string state)
    {
        var file = LedgerFile.Open($"{AgentContainer.StateOf(state)}/ledger/ledger");
        Expect.True($"the ledger can be had: {file.Error}", file.IsOk);
        var opened = ChangeLedger.Open(file.Value, context.Time, context.Read("/proc/sys/kernel/random/boot_id"));
        Expect.True($"the ledger can be read: {opened.Error}", opened.IsOk);
        using var ledger = opened.Value;
        Expect.True("the ledger is whole", !ledger.IsDamaged);
        return ledger.Count;
    }

    private static string Text(JsonObject? from, string name) => (string?)from?[name] ?? "";
}
