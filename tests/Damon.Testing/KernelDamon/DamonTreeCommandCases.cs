using static Damon.Testing.KernelDamon.DamonTreeNeeds;
using static Damon.Testing.KernelDamon.DamonTreeScript;
using static Damon.Testing.KernelDamon.KernelErrno;

namespace Damon.Testing.KernelDamon;

/// <summary>How a kdamond is turned on and off, and what stands in the way.</summary>
internal static class DamonTreeCommandCases
{
    private const int Kthreadd = 2;
    private const ulong Start = 0x1000_0000;
    private const ulong End = 0x1001_0000;

    public static IReadOnlyList<DamonTreeCase> All { get; } =
    [
        new("On_shows_a_thread_and_off_shows_none", Nothing, tree =>
        {
            Inert(tree);
            tree.Command("on");
            tree.Is($"{Kdamond}/state", "on");
            Check(int.Parse(tree.Value($"{Kdamond}/pid")) > 0, "a kdamond that runs has a pid");
            tree.Command("off");
            tree.Is($"{Kdamond}/state", "off");
            tree.Is($"{Kdamond}/pid", "-1");
        }),
        new("What_is_no_command_is_EINVAL", Nothing, tree =>
        {
            Inert(tree);
            tree.CommandRefused("start", EINVAL);
            tree.CommandRefused("ON", EINVAL);
        }),
        new("Without_a_context_nothing_can_be_turned_on", Nothing, tree =>
        {
            tree.Set("kdamonds/nr_kdamonds", "1");
            tree.CommandRefused("on", EINVAL);
            tree.CommandRefused("commit", EINVAL);
            tree.CommandRefused("off", EINVAL);
        }),
        new("What_never_ran_takes_no_command_but_on", Nothing, tree =>
        {
            Inert(tree);
            foreach (var command in new[] { "off", "commit", "commit_schemes_quota_goals", "update_schemes_stats", "update_schemes_tried_bytes", "update_schemes_tried_regions",
                "update_schemes_effective_quotas" })
            {
                tree.CommandRefused(command, EINVAL);
            }
        }),
        new("Turning_on_twice_is_EBUSY", Nothing, tree =>
        {
            Inert(tree);
            tree.Command("on");
            tree.CommandRefused("on", EBUSY);
            tree.Is($"{Kdamond}/state", "on");
        }),
        new("A_second_kdamond_cannot_be_added_while_one_runs", Nothing, tree =>
        {
            Inert(tree);
            tree.Command("on");
            tree.Refused("kdamonds/nr_kdamonds", "2", EBUSY);
            tree.Refused("kdamonds/nr_kdamonds", "1", EBUSY);
            tree.Is("kdamonds/nr_kdamonds", "1");
        }),
        new("Two_kdamonds_run_beside_each_other", Nothing, tree =>
        {
            tree.Set("kdamonds/nr_kdamonds", "2");
            foreach (var kdamond in new[] { "kdamonds/0", "kdamonds/1" })
            {
                tree.Set($"{kdamond}/contexts/nr_contexts", "1");
                tree.Set($"{kdamond}/contexts/0/operations", "paddr");
                tree.Set($"{kdamond}/state", "on");
            }

            tree.Is("kdamonds/0/state", "on");
            tree.Is("kdamonds/1/state", "on");
        }),
        new("Turning_on_with_a_pid_that_is_gone_is_EINVAL", Nothing, tree =>
        {
            var process = tree.StartProcess();
            tree.MakeContext();
            tree.MakeTargets(new DamonTreeTarget(process.Pid), new DamonTreeTarget(Kthreadd, Start, End));
            process.Dispose();
            tree.CommandRefused("on", EINVAL);
            tree.MakeTargets(new DamonTreeTarget(0));
            tree.CommandRefused("on", EINVAL);
            tree.MakeTargets(new DamonTreeTarget(-1));
            tree.CommandRefused("on", EINVAL);
            tree.Is($"{Kdamond}/state", "off");
        }),
        new("After_a_start_that_failed_there_is_nothing_to_turn_off", Nothing, tree =>
        {
            Inert(tree);
            tree.Command("on");
            tree.Command("off");
            tree.Set($"{Context}/targets/0/pid_target", "0");
            tree.CommandRefused("on", EINVAL);
            tree.CommandRefused("off", EINVAL);
        }),
        new("Without_targets_a_kdamond_ends_by_itself", Nothing, tree =>
        {
            tree.MakeContext();
            tree.Command("on");
            tree.UntilOff();
        }),
        new("Physical_memory_without_ranges_runs_on_nothing", Nothing, tree =>
        {
            tree.MakeContext();
            tree.Set($"{Context}/operations", "paddr");
            tree.Command("on");
            tree.PassSome();
            tree.Is($"{Kdamond}/state", "on");
        }),
        new("Physical_memory_is_one_target", Nothing, tree =>
        {
            tree.MakeContext();
            tree.Set($"{Context}/operations", "paddr");
            tree.MakeTargets(new DamonTreeTarget(0, Start, End), new DamonTreeTarget(0, End, End + 4096));
            tree.CommandRefused("on", EINVAL);
        }),
        new("Ranges_are_ascending_and_do_not_overlap", Nothing, tree =>
        {
            tree.MakeContext();
            tree.MakeTargets(new DamonTreeTarget(Kthreadd, Start, End));
            var regions = $"{Context}/targets/0/regions";
            foreach (var (first, second) in new[] { ((Start, End), (Start, End)), ((End, End + 4096), (Start, End)), ((Start, End), (End + 4096, End)), ((Start, Start), (End, End + 4096)) })
            {
                tree.Set($"{regions}/nr_regions", "2");
                tree.Set($"{regions}/0/start", $"{first.Item1}");
                tree.Set($"{regions}/0/end", $"{first.Item2}");
                tree.Set($"{regions}/1/start", $"{second.Item1}");
                tree.Set($"{regions}/1/end", $"{second.Item2}");
                tree.CommandRefused("on", EINVAL);
            }
        }),
        new("Fewer_regions_than_three_and_aggregations_below_a_sample_are_EINVAL", Nothing, tree =>
        {
            foreach (var (file, text) in new[] { ("nr_regions/min", "2"), ("nr_regions/max", "9"), ("intervals/aggr_us", "4999") })
            {
                Inert(tree);
                tree.Set($"{Context}/monitoring_attrs/{file}", text);
                tree.CommandRefused("on", EINVAL);
            }
        }),
        new("A_goal_for_intervals_that_begins_outside_of_its_bounds_is_EINVAL", Replies, tree =>
        {
            Inert(tree);
            var goal = $"{Context}/monitoring_attrs/intervals/intervals_goal";
            tree.Set($"{goal}/aggrs", "3");
            tree.Set($"{goal}/min_sample_us", "6000");
            tree.Set($"{goal}/max_sample_us", "10000");
            tree.CommandRefused("on", EINVAL);
            tree.Set($"{goal}/min_sample_us", "5000");
            tree.Command("on");
        }),
        new("A_wrong_cgroup_path_is_ENOMEM", Nothing, tree =>
        {
            Inert(tree);
            tree.MakeFilter(0, "memcg", ("memcg_path", "/damon-no-such-group"));
            tree.CommandRefused("on", ENOMEM);
            tree.Set($"{Context}/schemes/0/filters/0/memcg_path", tree.Subject.MemoryCgroup);
            tree.Command("on");
        }),
        new("A_filter_for_a_group_without_a_path_is_ENOMEM", Nothing, tree =>
        {
            Inert(tree);
            tree.MakeFilter(0, "memcg");
            tree.CommandRefused("on", ENOMEM);
        }),
        new("A_goal_for_a_group_that_is_not_there_is_ENOMEM", With("schemes/0/quotas/goals/0/path"), tree =>
        {
            Inert(tree);
            var goals = $"{Context}/schemes/0/quotas/goals";
            tree.Set($"{goals}/nr_goals", "1");
            tree.Set($"{goals}/0/target_metric", "node_memcg_used_bp");
            tree.Set($"{goals}/0/target_value", "100");
            tree.Set($"{goals}/0/path", "/damon-no-such-group");
            tree.CommandRefused("on", ENOMEM);
            tree.Set($"{goals}/0/target_value", "0");
            tree.Command("on");
        }),
        new("A_filter_for_addresses_that_end_before_they_start_is_ENOMEM", Nothing, tree =>
        {
            Inert(tree);
            tree.MakeFilter(0, "addr", ("addr_start", "8192"), ("addr_end", "4096"));
            tree.CommandRefused("on", ENOMEM);
        }),
        new("A_goal_for_eligible_memory_needs_physical_addresses", With("schemes/0/quotas/goal_tuner"), tree =>
        {
            Inert(tree);
            var goals = $"{Context}/schemes/0/quotas/goals";
            tree.Set($"{goals}/nr_goals", "1");
            tree.Set($"{goals}/0/target_metric", "node_eligible_mem_bp");
            tree.Set($"{goals}/0/target_value", "100");
            tree.CommandRefused("on", EINVAL);
            tree.Set($"{Context}/operations", "paddr");
            tree.Command("on");
        }),
        new("A_unit_of_addresses_is_a_power_of_two", With("addr_unit"), tree =>
        {
            tree.MakeContext();
            tree.Set($"{Context}/operations", "paddr");
            tree.Set($"{Context}/addr_unit", "3");
            tree.CommandRefused("on", EINVAL);
            tree.Set($"{Context}/addr_unit", "8");
            tree.Command("on");
        }),
        new("A_target_that_is_to_be_removed_cannot_be_started", With("targets/0/obsolete_target"), tree =>
        {
            Inert(tree);
            tree.Set($"{Context}/targets/0/obsolete_target", "Y");
            tree.CommandRefused("on", EINVAL);
        }),
        new("Turning_off_twice_is_done_twice", Replies, tree =>
        {
            Inert(tree);
            tree.Command("on");
            tree.Command("off");
            tree.Command("off");
        }),
        new("Turning_off_twice_is_EPERM", NoReplies, tree =>
        {
            Inert(tree);
            tree.Command("on");
            tree.Command("off");
            tree.CommandRefused("off", EPERM);
        }),
        new("The_kdamond_ends_when_its_last_process_dies", Nothing, tree =>
        {
            var (first, second) = (tree.StartProcess(), tree.StartProcess());
            tree.MakeContext();
            tree.MakeTargets(new DamonTreeTarget(first.Pid), new DamonTreeTarget(second.Pid));
            tree.MakeSchemes(1);
            tree.Command("on");
            first.Dispose();
            tree.PassSome();
            tree.Is($"{Kdamond}/state", "on");
            second.Dispose();
            tree.UntilOff();
            tree.Is($"{Kdamond}/pid", "-1");
        }),
        new("kthreadd_keeps_a_kdamond_alive", Nothing, tree =>
        {
            var process = tree.StartProcess();
            tree.MakeContext();
            tree.MakeTargets(new DamonTreeTarget(process.Pid), new DamonTreeTarget(Kthreadd, Start, Start + 4096));
            tree.MakeSchemes(1);
            tree.Command("on");
            process.Dispose();
            tree.PassSome();
            tree.Is($"{Kdamond}/state", "on");
        }),
        new("A_kdamond_that_has_ended_can_be_turned_on_again", Nothing, tree =>
        {
            var process = tree.StartProcess();
            tree.MakeContext();
            tree.MakeTargets(new DamonTreeTarget(process.Pid));
            tree.Command("on");
            process.Dispose();
            tree.UntilOff();
            tree.Set($"{Context}/targets/0/pid_target", $"{tree.StartProcess().Pid}");
            tree.Command("on");
            tree.Is($"{Kdamond}/state", "on");
        }),
    ];

    private static void Inert(DamonTreeScript tree)
    {
        tree.MakeContext();
        tree.MakeTargets(new DamonTreeTarget(Kthreadd, Start, End));
        tree.MakeSchemes(1);
    }
}
