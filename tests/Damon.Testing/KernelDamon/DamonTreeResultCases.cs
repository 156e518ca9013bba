using static Damon.Testing.KernelDamon.DamonTreeNeeds;
using static Damon.Testing.KernelDamon.DamonTreeScript;
using static Damon.Testing.KernelDamon.KernelErrno;

namespace Damon.Testing.KernelDamon;

/// <summary>What schemes try, and what is shown of it when.</summary>
internal static class DamonTreeResultCases
{
    private const int Kthreadd = 2;
    private const ulong Bytes = 0x1_0000;
    private const string Scheme = $"{Context}/schemes/0";
    private static readonly DamonTreeTarget First = new(Kthreadd, 0x1000_0000, 0x1000_0000 + Bytes);
    private static readonly DamonTreeTarget Second = new(Kthreadd, 0x2000_0000, 0x2000_0000 + (2 * Bytes));
    private static readonly DamonTreeTarget Tiny = new(Kthreadd, 0x1000, 0x2000);

    public static IReadOnlyList<DamonTreeCase> All { get; } =
    [
        new("kthreadd_as_a_target_is_accepted_and_sees_no_access", Nothing, tree =>
        {
            Make(tree, 2, Tiny);
            tree.Pattern(1, "nr_accesses", 1, uint.MaxValue);
            tree.Command("on");
            tree.PassSome();
            tree.Command("update_schemes_tried_regions");
            Regions(tree, scheme: 0, (0x1000UL, 0x2000UL, 0UL));
            Regions(tree, scheme: 1);
        }),
        new("An_inert_stat_scheme_tries_nothing", Nothing, tree =>
        {
            Make(tree, 1, First);
            tree.Pattern(0, "sz", ulong.MaxValue, ulong.MaxValue);
            tree.Pattern(0, "nr_accesses", uint.MaxValue, uint.MaxValue);
            tree.Pattern(0, "age", uint.MaxValue, uint.MaxValue);
            tree.Command("on");
            tree.PassSome();
            tree.Command("update_schemes_tried_regions");
            Regions(tree, scheme: 0);
            tree.Is($"{Scheme}/tried_regions/total_bytes", "0");
            Check(tree.Statistic("nr_tried") == 0, "nothing is tried");
        }),
        new("A_process_that_uses_its_memory_is_seen", Nothing, tree =>
        {
            var process = tree.StartProcess();
            Make(tree, 1, new DamonTreeTarget(process.Pid, process.Start, process.End), Tiny);
            tree.Pattern(0, "nr_accesses", 1, uint.MaxValue);
            tree.Command("on");
            tree.Until("accesses are seen", () =>
            {
                tree.Command("update_schemes_tried_regions");
                return tree.TriedRegions(0).Count > 0;
            });
            foreach (var (start, end, accesses) in tree.TriedRegions(0))
            {
                Check(process.Start <= start && end <= process.End && accesses > 0, $"{start}-{end}, {accesses} accesses, is of {process.Start}-{process.End} and accessed");
            }
        }),
        new("Tried_regions_of_a_target_filter_hold_only_that_target", Nothing, tree =>
        {
            Make(tree, 2, First, Second);
            tree.MakeFilter(0, "target", ("damon_target_idx", "0"));
            tree.MakeFilter(1, "target", ("damon_target_idx", "1"));
            tree.Command("on");
            tree.Command("update_schemes_tried_regions");
            Covers(tree, scheme: 0, First.Start, First.End);
            Covers(tree, scheme: 1, Second.Start, Second.End);
        }),
        new("A_filter_that_matches_holds_back_that_target", Nothing, tree =>
        {
            Make(tree, 1, First, Second);
            tree.MakeFilter(0, "target", ("damon_target_idx", "0"), ("matching", "Y"));
            tree.Command("on");
            tree.Command("update_schemes_tried_regions");
            Covers(tree, scheme: 0, Second.Start, Second.End);
        }),
        new("A_filter_that_allows_a_target_holds_back_the_others", With("schemes/0/filters/0/allow"), tree =>
        {
            Make(tree, 1, First, Second);
            tree.MakeFilter(0, "target", ("damon_target_idx", "0"), ("matching", "Y"), ("allow", "Y"));
            tree.Command("on");
            tree.Command("update_schemes_tried_regions");
            Covers(tree, scheme: 0, First.Start, First.End);
        }),
        new("A_filter_for_a_place_that_is_not_there_lets_nothing_through", Nothing, tree =>
        {
            Make(tree, 1, First);
            tree.MakeFilter(0, "target", ("damon_target_idx", "7"));
            tree.Command("on");
            Check(tree.TriedBytes() == 0, "no target is in that place");
            Check(tree.Statistic("nr_tried") == 0, "what a filter holds back is not tried");
        }),
        new("A_filter_for_addresses_cuts_regions", Replies, tree =>
        {
            Make(tree, 1, First, Second);
            tree.MakeFilter(0, "addr", ("addr_start", $"{First.Start + 4096}"), ("addr_end", $"{First.Start + (3 * 4096)}"));
            tree.Command("on");
            tree.Until("both pages are tried", () => tree.TriedBytes() == 2 * 4096);
        }),
        new("Tried_bytes_come_without_regions", Nothing, tree =>
        {
            Make(tree, 1, First, Second);
            tree.Command("on");
            Check(tree.TriedBytes() == 3 * Bytes, "all bytes of all targets are tried");
            Regions(tree, scheme: 0);
        }),
        new("Tried_regions_stay_until_they_are_cleared_or_asked_for_again", Nothing, tree =>
        {
            Make(tree, 1, First);
            tree.Command("on");
            tree.Command("update_schemes_tried_regions");
            tree.PassSome();
            Covers(tree, scheme: 0, First.Start, First.End);
            tree.Command("update_schemes_tried_regions");
            Covers(tree, scheme: 0, First.Start, First.End);
            tree.Command("clear_schemes_tried_regions");
            Regions(tree, scheme: 0);
            tree.Is($"{Scheme}/tried_regions/total_bytes", "0");
        }),
        new("Tried_regions_are_numbered_per_scheme", Replies, tree =>
        {
            Make(tree, 2, Tiny);
            tree.Command("on");
            tree.Command("update_schemes_tried_regions");
            tree.Exists($"{Context}/schemes/0/tried_regions/0", expected: true);
            tree.Exists($"{Context}/schemes/1/tried_regions/0", expected: true);
            tree.Is($"{Context}/schemes/1/tried_regions/0/sz_filter_passed", "0");
        }),
        new("Tried_regions_are_numbered_over_all_schemes", NoReplies, tree =>
        {
            Make(tree, 2, Tiny);
            tree.Command("on");
            tree.Command("update_schemes_tried_regions");
            tree.Exists($"{Context}/schemes/0/tried_regions/0", expected: true);
            tree.Exists($"{Context}/schemes/1/tried_regions/0", expected: false);
            tree.Exists($"{Context}/schemes/1/tried_regions/1", expected: true);
        }),
        new("Without_schemes_there_is_nothing_to_wait_for", Replies, tree =>
        {
            Make(tree, 0, First);
            tree.Command("on");
            tree.CommandRefused("update_schemes_tried_regions", ECANCELED);
            tree.Is($"{Kdamond}/state", "on");
        }),
        new("Without_schemes_asking_for_regions_is_done_at_once", NoReplies, tree =>
        {
            Make(tree, 0, First);
            tree.Command("on");
            tree.Command("update_schemes_tried_regions");
            tree.Is($"{Kdamond}/state", "on");
        }),
        new("What_rests_is_not_waited_for", With("pause"), tree =>
        {
            Make(tree, 1, First);
            tree.Command("on");
            tree.Set($"{Context}/pause", "Y");
            tree.Command("commit");
            tree.CommandRefused("update_schemes_tried_bytes", ECANCELED);
            tree.Set($"{Context}/pause", "N");
            tree.Command("commit");
            Check(tree.TriedBytes() == Bytes, "it goes on");
        }),
        new("What_watermarks_put_to_rest_is_not_waited_for", Replies, tree =>
        {
            Make(tree, 1, First);
            Rest(tree);
            tree.Command("on");
            tree.CommandRefused("update_schemes_tried_bytes", ECANCELED);
            Check(tree.Statistic("nr_tried") == 0, "a scheme that rests tries nothing");
        }),
        new("What_watermarks_put_to_rest_tries_nothing", NoReplies, tree =>
        {
            Make(tree, 1, First);
            Rest(tree);
            tree.Command("on");
            Check(tree.TriedBytes() == 0, "a scheme that rests tries nothing");
        }),
        new("Statistics_are_shown_when_they_are_asked_for", Nothing, tree =>
        {
            Make(tree, 1, First);
            tree.Command("on");
            tree.PassSome();
            tree.Is($"{Scheme}/stats/nr_tried", "0");
            tree.Until("the scheme has tried regions", () => tree.Statistic("nr_tried") > 0);
            Check(tree.Number($"{Scheme}/stats/sz_tried") >= Bytes, "and their bytes");
            tree.Is($"{Scheme}/stats/nr_applied", "0");
            tree.Is($"{Scheme}/stats/sz_applied", "0");
        }),
        new("Stats_after_off_stay_readable_and_update_fails", Replies, tree =>
        {
            var shown = Ended(tree);
            tree.CommandRefused("update_schemes_stats", ECANCELED);
            tree.CommandRefused("update_schemes_effective_quotas", ECANCELED);
            tree.CommandRefused("update_tuned_intervals", ECANCELED);
            tree.Is($"{Scheme}/stats/nr_tried", shown);
        }),
        new("Stats_after_off_stay_readable_and_update_is_EINVAL", NoReplies, tree =>
        {
            var shown = Ended(tree);
            tree.CommandRefused("update_schemes_stats", EINVAL);
            tree.CommandRefused("update_schemes_effective_quotas", EINVAL);
            tree.Is($"{Scheme}/stats/nr_tried", shown);
        }),
        new("Regions_after_off_stay_until_they_are_asked_for_in_vain", Replies, tree =>
        {
            Ended(tree);
            Covers(tree, scheme: 0, First.Start, First.End);
            tree.CommandRefused("update_schemes_tried_regions", ECANCELED);
            Regions(tree, scheme: 0);
        }),
        new("Regions_after_off_can_be_cleared", Replies, tree =>
        {
            Ended(tree);
            tree.Command("clear_schemes_tried_regions");
            Regions(tree, scheme: 0);
        }),
        new("Regions_after_off_stay", NoReplies, tree =>
        {
            Ended(tree);
            tree.CommandRefused("update_schemes_tried_regions", EINVAL);
            tree.CommandRefused("clear_schemes_tried_regions", EINVAL);
            Covers(tree, scheme: 0, First.Start, First.End);
        }),
        new("A_budget_in_bytes_is_shown_when_it_is_asked_for", Replies, tree =>
        {
            Make(tree, 1, First);
            tree.Set($"{Scheme}/quotas/bytes", "8192");
            tree.Set($"{Scheme}/quotas/reset_interval_ms", "60000");
            tree.Command("on");
            tree.Until("the scheme has tried regions", () => tree.Statistic("nr_tried") > 0);
            tree.Is($"{Scheme}/quotas/effective_bytes", "0");
            tree.Command("update_schemes_effective_quotas");
            tree.Is($"{Scheme}/quotas/effective_bytes", "8192");
        }),
        new("A_budget_bounds_the_bytes_of_its_window", Replies, tree =>
        {
            Make(tree, 1, First);
            tree.Set($"{Scheme}/quotas/bytes", "8192");
            tree.Set($"{Scheme}/quotas/reset_interval_ms", "60000");
            tree.Command("on");
            tree.PassSome();
            tree.Until("the budget is used up", () => tree.Statistic("sz_tried") == 8192);
            tree.PassSome();
            Check(tree.Statistic("sz_tried") == 8192, "no more than the budget is tried");
        }),
        new("A_budget_is_not_in_force_in_its_first_window", NoReplies, tree =>
        {
            Make(tree, 1, First);
            tree.Set($"{Scheme}/quotas/bytes", "8192");
            tree.Set($"{Scheme}/quotas/reset_interval_ms", "3600000");
            tree.Command("on");
            tree.Until("more than the budget is tried", () => tree.Statistic("sz_tried") > 2 * Bytes);
            tree.Command("update_schemes_effective_quotas");
            tree.Is($"{Scheme}/quotas/effective_bytes", "0");
        }),
        new("A_scheme_counts_a_snapshot_of_each_target", With("schemes/0/stats/nr_snapshots"), tree =>
        {
            Make(tree, 1, First, Second);
            tree.Command("on");
            tree.Until("a few snapshots are counted", () => tree.Statistic("nr_snapshots") >= 6);
            Check(tree.Number($"{Scheme}/stats/nr_snapshots") % 2 == 0, "two for each pass");
        }),
        new("A_scheme_ends_after_its_snapshots", With("schemes/0/stats/max_nr_snapshots"), tree =>
        {
            Make(tree, 1, First);
            tree.Set($"{Scheme}/stats/max_nr_snapshots", "3");
            tree.Command("on");
            tree.Until("the scheme has had its snapshots", () => tree.Statistic("nr_snapshots") == 3);
            tree.PassSome();
            Check(tree.Statistic("sz_tried") == 3 * Bytes, "three passes over all bytes, and no more");
            Check(tree.TriedBytes() == 0, "nothing is tried any more, and nobody waits for it");
            tree.Set($"{Scheme}/stats/max_nr_snapshots", "5");
            tree.Command("commit");
            tree.Until("the limit counts from the scheme's beginning", () => tree.Statistic("nr_snapshots") == 5);
            tree.PassSome();
            Check(tree.Statistic("nr_snapshots") == 5, "five in all");
        }),
        new("A_scheme_that_uses_up_its_budget_counts_no_snapshots", With("schemes/0/stats/max_nr_snapshots"), tree =>
        {
            Make(tree, 1, First);
            tree.Set($"{Scheme}/quotas/bytes", "4096");
            tree.Set($"{Scheme}/quotas/reset_interval_ms", "60000");
            tree.Set($"{Scheme}/stats/max_nr_snapshots", "1");
            tree.Command("on");
            tree.PassSome();
            tree.Until("the budget is used up", () => tree.Statistic("sz_tried") == 4096);
            tree.PassSome();
            Check(tree.Statistic("nr_snapshots") == 0, "the pass never comes to the last region");
        }),
    ];

    private static void Make(DamonTreeScript tree, int schemes, params ReadOnlySpan<DamonTreeTarget> targets)
    {
        tree.MakeContext();
        tree.MakeTargets(targets);
        tree.MakeSchemes(schemes);
    }

    // No machine has more than all of its memory free, and none has less than nothing: below a high mark of 0 it always rests.
    private static void Rest(DamonTreeScript tree)
    {
        tree.Set($"{Scheme}/watermarks/metric", "free_mem_rate");
        tree.Set($"{Scheme}/watermarks/interval_us", "10000");
    }

    private static string Ended(DamonTreeScript tree)
    {
        Make(tree, 1, First);
        tree.Command("on");
        tree.Until("the scheme has tried regions", () => tree.Statistic("nr_tried") > 0);
        var shown = tree.Value($"{Scheme}/stats/nr_tried");
        tree.Command("update_schemes_tried_regions");
        tree.Command("off");
        tree.Is($"{Scheme}/stats/nr_tried", shown);
        return shown;
    }

    private static void Regions(DamonTreeScript tree, int scheme, params ReadOnlySpan<(ulong Start, ulong End, ulong Accesses)> expected)
    {
        var found = tree.TriedRegions(scheme);
        Check(found.SequenceEqual(expected.ToArray()), $"regions of scheme {scheme}: expected {string.Join(' ', expected.ToArray())}, but found {string.Join(' ', found)}");
    }

    private static void Covers(DamonTreeScript tree, int scheme, ulong start, ulong end)
    {
        var next = start;
        foreach (var region in tree.TriedRegions(scheme).OrderBy(region => region.Start))
        {
            Check(region.Start == next, $"regions of scheme {scheme}: expected one from {next}, but found {region}");
            next = region.End;
        }

        Check(next == end, $"regions of scheme {scheme}: expected them to end at {end}, but found {next}");
    }
}
