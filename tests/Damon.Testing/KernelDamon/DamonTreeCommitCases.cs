using static Damon.Testing.KernelDamon.DamonTreeNeeds;
using static Damon.Testing.KernelDamon.DamonTreeScript;
using static Damon.Testing.KernelDamon.KernelErrno;

namespace Damon.Testing.KernelDamon;

/// <summary>What changes while a kdamond runs, and what stays.</summary>
internal static class DamonTreeCommitCases
{
    private const int Kthreadd = 2;
    private const ulong Bytes = 0x1_0000;
    private static readonly DamonTreeTarget First = new(Kthreadd, 0x1000_0000, 0x1000_0000 + Bytes);
    private static readonly DamonTreeTarget Second = new(Kthreadd, 0x2000_0000, 0x2000_0000 + Bytes);

    public static IReadOnlyList<DamonTreeCase> All { get; } =
    [
        new("Files_have_no_effect_before_a_commit", Nothing, tree =>
        {
            Run(tree, First);
            tree.Pattern(0, "sz", ulong.MaxValue, ulong.MaxValue);
            Tries(tree, Bytes);
            tree.Command("commit");
            Tries(tree, 0);
        }),
        new("Commit_with_fewer_targets_removes_the_rest", Nothing, tree =>
        {
            Run(tree, First, Second);
            Tries(tree, 2 * Bytes);
            tree.MakeTargets(First);
            tree.Command("commit");
            Tries(tree, Bytes);
        }),
        new("Commit_with_more_targets_adds_them", Nothing, tree =>
        {
            Run(tree, First);
            tree.MakeTargets(First, Second);
            tree.Command("commit");
            Tries(tree, 2 * Bytes);
        }),
        new("Commit_without_ranges_keeps_where_it_looks", Nothing, tree =>
        {
            Run(tree, First);
            tree.MakeTargets(new DamonTreeTarget(Kthreadd));
            tree.Command("commit");
            Tries(tree, Bytes);
        }),
        new("Commit_with_other_ranges_looks_there", Nothing, tree =>
        {
            Run(tree, First);
            tree.MakeTargets(new DamonTreeTarget(Kthreadd, Second.Start, Second.End + Bytes));
            tree.Command("commit");
            Tries(tree, 2 * Bytes);
        }),
        new("Commit_replaces_a_pid_in_place", Nothing, tree =>
        {
            var (old, young) = (tree.StartProcess(), tree.StartProcess());
            tree.MakeContext();
            tree.MakeTargets(new DamonTreeTarget(old.Pid));
            tree.MakeSchemes(1);
            tree.Command("on");
            var before = tree.TriedBytes();
            Check(before >= old.End - old.Start, $"the process's memory is looked at: {before}");
            tree.Set($"{Context}/targets/0/pid_target", $"{young.Pid}");
            tree.Command("commit");
            Tries(tree, before);
            old.Dispose();
            tree.PassSome();
            tree.Is($"{Kdamond}/state", "on");
            young.Dispose();
            tree.UntilOff();
        }),
        new("Commit_to_kthreadd_makes_a_place_free", Nothing, tree =>
        {
            var process = tree.StartProcess();
            tree.MakeContext();
            tree.MakeTargets(new DamonTreeTarget(process.Pid), Second);
            tree.MakeSchemes(1);
            tree.Command("on");
            process.Dispose();
            tree.MakeTargets(new DamonTreeTarget(Kthreadd, First.Start, First.Start + 4096), Second);
            tree.Command("commit");
            Tries(tree, Bytes + 4096);
        }),
        new("Commit_keeps_the_statistics_of_a_place", Nothing, tree =>
        {
            Run(tree, First);
            tree.Until("the scheme has tried regions", () => tree.Statistic("nr_tried") > 0);
            var before = tree.Statistic("sz_tried");
            tree.MakeSchemes(1);
            tree.Is($"{Context}/schemes/0/stats/sz_tried", "0");
            tree.Pattern(0, "sz", ulong.MaxValue, ulong.MaxValue);
            tree.Command("commit");
            var after = tree.Statistic("sz_tried");
            Check(after >= before, $"the statistics go on: {after} after {before}");
        }),
        new("Commit_with_fewer_schemes_removes_the_rest_and_with_more_begins_anew", Nothing, tree =>
        {
            Run(tree, First);
            tree.MakeSchemes(2);
            tree.Command("commit");
            tree.Until("the second scheme has tried regions", () => tree.Statistic("nr_tried", scheme: 1) > 0);
            tree.MakeSchemes(1);
            tree.Command("commit");
            tree.MakeSchemes(2);
            tree.Pattern(1, "sz", ulong.MaxValue, ulong.MaxValue);
            tree.Command("commit");
            var tried = tree.Statistic("nr_tried", scheme: 1);
            Check(tried == 0, $"a scheme that was removed begins anew: {tried}");
        }),
        new("A_bad_commit_is_refused_and_the_kdamond_runs_on", Replies, tree =>
        {
            Run(tree, First);
            tree.Set($"{Context}/targets/0/pid_target", "0");
            tree.CommandRefused("commit", EINVAL);
            tree.Set($"{Context}/targets/0/pid_target", $"{Kthreadd}");
            tree.MakeFilter(0, "memcg", ("memcg_path", "/damon-no-such-group"));
            tree.CommandRefused("commit", ENOMEM);
            tree.Set($"{Context}/schemes/0/filters/nr_filters", "0");
            tree.Set($"{Context}/monitoring_attrs/nr_regions/min", "2");
            tree.CommandRefused("commit", EINVAL);
            Tries(tree, Bytes);
        }),
        new("A_bad_commit_looks_done_and_ends_the_kdamond", NoReplies, tree =>
        {
            foreach (var spoil in new Action[]
            {
                () => tree.Set($"{Context}/targets/0/pid_target", "0"),
                () => tree.MakeFilter(0, "memcg", ("memcg_path", "/damon-no-such-group")),
                () => tree.Set($"{Context}/monitoring_attrs/nr_regions/min", "2"),
            })
            {
                tree.Empty();
                Run(tree, First);
                spoil();
                tree.Command("commit");
                tree.UntilOff();
            }
        }),
        new("A_commit_of_goals_changes_nothing_else", Nothing, tree =>
        {
            Run(tree, First);
            var goals = $"{Context}/schemes/0/quotas/goals";
            tree.Set($"{goals}/nr_goals", "1");
            tree.Set($"{goals}/0/target_value", "10");
            tree.Command("commit");
            tree.Pattern(0, "sz", ulong.MaxValue, ulong.MaxValue);
            tree.Set($"{goals}/0/current_value", "5");
            tree.Command("commit_schemes_quota_goals");
            tree.Is($"{Kdamond}/state", "on");
            tree.Set($"{goals}/nr_goals", "0");
            tree.Command("commit_schemes_quota_goals");
            Tries(tree, Bytes);
        }),
        new("A_target_is_removed_with_the_next_commit", With("targets/0/obsolete_target"), tree =>
        {
            Run(tree, First, new DamonTreeTarget(Kthreadd, Second.Start, Second.End + Bytes));
            tree.Set($"{Context}/targets/0/obsolete_target", "Y");
            tree.Command("commit");
            Tries(tree, 2 * Bytes);
            tree.Set($"{Context}/targets/0/obsolete_target", "N");
            tree.Set($"{Context}/targets/1/obsolete_target", "Y");
            tree.CommandRefused("commit", EINVAL);
        }),
        new("Other_intervals_are_in_force_after_a_commit", Replies, tree =>
        {
            Run(tree, First);
            var intervals = $"{Context}/monitoring_attrs/intervals";
            tree.Set($"{intervals}/sample_us", "10000");
            tree.Set($"{intervals}/aggr_us", "200000");
            tree.Command("update_tuned_intervals");
            tree.Is($"{intervals}/sample_us", "5000");
            tree.Is($"{intervals}/aggr_us", "100000");
            tree.Set($"{intervals}/sample_us", "10000");
            tree.Command("commit");
            tree.Command("update_tuned_intervals");
            tree.Is($"{intervals}/sample_us", "10000");
        }),
        new("Tuned_intervals_cannot_be_asked_for", NoReplies, tree =>
        {
            Run(tree, First);
            tree.CommandRefused("update_tuned_intervals", EINVAL);
        }),
        new("A_kdamond_that_ended_takes_no_commit", Replies, tree =>
        {
            Run(tree, First);
            tree.Command("off");
            tree.CommandRefused("commit", ECANCELED);
            tree.CommandRefused("commit_schemes_quota_goals", ECANCELED);
        }),
        new("A_kdamond_that_ended_has_nothing_to_commit_to", NoReplies, tree =>
        {
            Run(tree, First);
            tree.Command("off");
            tree.CommandRefused("commit", EINVAL);
            tree.CommandRefused("commit_schemes_quota_goals", EINVAL);
        }),
    ];

    private static void Run(DamonTreeScript tree, params ReadOnlySpan<DamonTreeTarget> targets)
    {
        tree.MakeContext();
        tree.MakeTargets(targets);
        tree.MakeSchemes(1);
        tree.Command("on");
    }

    private static void Tries(DamonTreeScript tree, ulong bytes)
    {
        var tried = tree.TriedBytes();
        Check(tried == bytes, $"bytes tried in a pass: expected {bytes}, but found {tried}");
    }
}
