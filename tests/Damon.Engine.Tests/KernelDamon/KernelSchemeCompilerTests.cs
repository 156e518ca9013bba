using Damon.Engine.KernelDamon;
using Damon.Engine.Schemes;
using static Damon.Engine.Tests.KernelDamon.KernelExamples;

namespace Damon.Engine.Tests.KernelDamon;

public class KernelSchemeCompilerTests
{
    private static readonly SchemeFilter NoAnonymous = new(SchemeFilterType.Anonymous, Matching: true, Allow: false);
    private static readonly SchemeFilter NotAnonymous = new(SchemeFilterType.Anonymous, Matching: false, Allow: false);
    private static readonly SchemeFilter LetActive = new(SchemeFilterType.Active, Matching: true, Allow: true);
    private static readonly SchemeFilter NotYoung = new(SchemeFilterType.Young, Matching: true, Allow: false);

    [Fact]
    public void Several_groups_are_let_through_one_by_one_and_the_rest_is_held_back_by_default() =>
        Compile(Pageout).Scheme!.Filters.Should().Equal(NotYoung, Let("/a"), Let("/b"));

    [Fact]
    public void One_group_needs_no_filter_that_lets_through() =>
        Compile(Pageout, scope: Scope("/a")).Scheme!.Filters.Should().Equal(HoldAllBut("/a"), NotYoung);

    [Fact]
    public void Without_a_group_there_is_no_scheme_because_an_empty_list_lets_everything_through() =>
        Compile(Pageout, scope: Scope()).Should().Match<KernelCompilation>(compiled => compiled.Scheme == null && compiled.Reason == KernelSchemeReason.NoEligibleCgroup);

    [Fact]
    public void What_a_user_holds_back_is_held_back_before_any_group_is_let_through() =>
        Compile(Pageout with { Filters = [NotAnonymous] }).Scheme!.Filters.Should().Equal(NotAnonymous, NotYoung, Let("/a"), Let("/b"));

    [Fact]
    public void What_a_user_lets_through_at_the_end_becomes_what_is_held_back_of_the_rest() =>
        Compile(Pageout with { Filters = [NotAnonymous, LetActive] }).Scheme!.Filters.Should()
            .Equal(NotAnonymous, LetActive with { Matching = false, Allow = false }, NotYoung, Let("/a"), Let("/b"));

    [Fact]
    public void What_a_user_lets_through_in_between_cannot_be_joined_with_several_groups() =>
        Compile(Pageout with { Filters = [LetActive, NotAnonymous] }).Reason.Should().Be(KernelSchemeReason.UnsupportedFilter);

    [Fact]
    public void What_a_user_lets_through_in_between_can_be_joined_with_one_group() =>
        Compile(Pageout with { Filters = [LetActive, NotAnonymous] }, scope: Scope("/a")).Scheme!.Filters.Should().Equal(HoldAllBut("/a"), NotYoung, LetActive, NotAnonymous);

    [Fact]
    public void A_user_who_asks_for_young_pages_gets_no_filter_against_them()
    {
        var letYoung = NotYoung with { Allow = true };
        Compile(Pageout with { Filters = [letYoung] }, scope: Scope("/a")).Scheme!.Filters.Should().Equal(HoldAllBut("/a"), letYoung);
    }

    [Fact]
    public void Anonymous_memory_is_held_back_behind_the_groups_that_may_lose_it_and_before_those_that_may_not() =>
        Compile(Pageout, scope: Keeping("/b", "/a", "/b", "/c")).Scheme!.Filters.Should().Equal(NotYoung, Let("/a"), Let("/c"), NoAnonymous, Let("/b"));

    [Fact]
    public void One_group_that_keeps_its_anonymous_memory_has_it_held_back() =>
        Compile(Pageout, scope: Keeping("/a", "/a")).Scheme!.Filters.Should().Equal(HoldAllBut("/a"), NoAnonymous, NotYoung);

    [Fact]
    public void Only_page_out_leaves_anonymous_memory_alone() =>
        Compile(Pageout with { Action = SchemeAction.LruDeprio }, scope: Keeping("/b", "/a", "/b")).Scheme!.Filters.Should().Equal(Let("/a"), Let("/b"));

    [Fact]
    public void A_kernel_that_cannot_tell_anonymous_memory_is_not_asked_to_leave_it_alone() =>
        Compile(Pageout, Newest with { Filters = Newest.Filters.Where(type => type != SchemeFilterType.Anonymous).ToHashSet() }, Keeping("/a", "/a", "/b")).Reason.Should().Be(KernelSchemeReason.UnsupportedFilter);

    [Fact]
    public void A_grant_may_have_to_end_sooner_than_a_lease()
    {
        var (slow, three) = (Intervals with { Aggregation = TimeSpan.FromSeconds(4), Update = TimeSpan.FromSeconds(60) }, TimeSpan.FromSeconds(3));

        KernelSchemeCompiler.Compile(Pageout, KernelOperations.Paddr, slow, Newest, Scope("/a"), nodeTargetsAllowed: true).Scheme.Should().NotBeNull();
        KernelSchemeCompiler.Compile(Pageout, KernelOperations.Paddr, slow, Newest, Scope("/a"), nodeTargetsAllowed: true, three).Reason.Should().Be(KernelSchemeReason.LeaseTooLong);
    }

    /// <summary>Judges every kind of page by the compiled list as the kernel does, and by the user's list and the groups apart.</summary>
    [Theory]
    [InlineData("/a", "")]
    [InlineData("/a", "/a")]
    [InlineData("/a,/b", "")]
    [InlineData("/a,/b", "/b")]
    [InlineData("/a,/b", "/a,/b")]
    public void A_page_gets_through_where_the_user_lets_it_and_its_group_is_eligible(string groups, string keeping)
    {
        var scope = Keeping(keeping, groups.Split(','));
        SchemeFilter[] kinds = [NotAnonymous, LetActive, NotAnonymous with { Matching = true }, LetActive with { Matching = false }, LetActive with { Allow = false }, NotAnonymous with { Allow = true }];
        var lists = kinds.Select(one => new[] { one }).Concat(kinds.SelectMany(_ => kinds, (first, second) => new[] { first, second })).Append([]).ToList();
        var compiledLists = 0;
        foreach (var list in lists)
        {
            if (Compile(Pageout with { Filters = list }, scope: scope).Scheme is not { } compiled)
            {
                continue;
            }

            compiledLists++;
            for (var bits = 0; bits < 8; bits++)
            {
                foreach (var group in new[] { "/a", "/b", "/c", "" })
                {
                    bool Is(SchemeFilter filter) => filter.Type switch
                    {
                        SchemeFilterType.Anonymous => (bits & 1) > 0,
                        SchemeFilterType.Active => (bits & 2) > 0,
                        SchemeFilterType.Young => (bits & 4) > 0,
                        _ => filter.CgroupPath == group,
                    };
                    var wanted = Passes(list, Is) && (bits & 4) == 0 && scope.Cgroups.Any(cgroup => cgroup.Path == group && (!cgroup.KeepsAnonymous || (bits & 1) == 0));
                    Passes(compiled.Filters, Is).Should().Be(wanted, $"page {bits} of '{group}' with {string.Join(", ", list.Select(filter => filter.ToString()))}");
                }
            }
        }

        compiledLists.Should().BeGreaterThan(kinds.Length);
    }

    [Fact]
    public void A_kernel_whose_filters_only_hold_back_can_be_asked_about_one_group_alone()
    {
        var observed = Pageout with { Mode = SchemeMode.Observe };
        Compile(observed, Linux612, Scope("/a")).Scheme!.Filters.Should().Equal(HoldAllBut("/a"), NotYoung);
        Compile(observed, Linux612).Reason.Should().Be(KernelSchemeReason.UnsupportedFilter);
        Compile(observed with { Filters = [LetActive with { Type = SchemeFilterType.Anonymous }] }, Linux612, Scope("/a")).Reason.Should().Be(KernelSchemeReason.UnsupportedFilter);
    }

    [Fact]
    public void A_kernel_that_cannot_end_a_scheme_by_itself_only_senses()
    {
        Compile(Pageout, Linux612, Scope("/a")).Should().Match<KernelCompilation>(compiled => compiled.Scheme == null && compiled.Reason == KernelSchemeReason.NoLease);
        Compile(Pageout with { Mode = SchemeMode.Observe }, Linux612, Scope("/a")).Scheme!.Action.Should().Be(SchemeAction.Stat);
    }

    [Fact]
    public void Where_a_node_may_not_be_acted_on_the_same_memory_is_counted()
    {
        var enforced = Compile(Pageout).Scheme!;
        var counted = Compile(Pageout, allowed: false);
        counted.Reason.Should().Be(KernelSchemeReason.NodeTargetsNotAllowed);
        counted.Scheme.Should().Be(enforced with { Action = SchemeAction.Stat, ApplyInterval = KernelSchemeCompiler.ShortestPass });
    }

    [Fact]
    public void A_kernel_that_counts_without_looking_at_pages_is_told_of()
    {
        var observed = Pageout with { Mode = SchemeMode.Observe };

        Compile(observed, Linux612, Scope("/a")).Message.Should().Contain("those of the whole node");
        Compile(observed, Newest, Scope("/a")).Message.Should().NotContain("whole node");
    }

    [Fact]
    public void No_region_filter_ever_lets_through_because_it_would_skip_the_groups() =>
        new[] { SchemeAction.Pageout, SchemeAction.LruPrio, SchemeAction.LruDeprio }
            .Select(action => Pageout with { Action = action })
            .Append(Move(1))
            .SelectMany(scheme => Compile(scheme).Scheme!.Filters)
            .Where(filter => filter.IsOfRegions).Should().NotBeEmpty().And.OnlyContain(filter => !filter.Allow);

    [Fact]
    public void What_lies_on_the_destination_already_is_not_tried()
    {
        var filters = Compile(Move(1)).Scheme!.Filters;
        filters[0].Should().Be(new SchemeFilter(SchemeFilterType.Address, Matching: true, Allow: false) { StartAddress = 0x10000000, EndAddress = 0x20000000 });
        Compile(Move(2)).Reason.Should().Be(KernelSchemeReason.UnsupportedDestination);
    }

    [Fact]
    public void Physical_pages_are_moved_to_one_node() =>
        Compile(Move(1) with { Destinations = [new MigrationDestination(0), new MigrationDestination(1)] }).Reason.Should().Be(KernelSchemeReason.UnsupportedDestination);

    [Theory]
    [InlineData(SchemeAction.Cold, KernelOperations.Paddr)]
    [InlineData(SchemeAction.WillNeed, KernelOperations.Paddr)]
    [InlineData(SchemeAction.HugePage, KernelOperations.Paddr)]
    [InlineData(SchemeAction.Collapse, KernelOperations.Paddr)]
    [InlineData(SchemeAction.Reclaim, KernelOperations.Paddr)]
    [InlineData(SchemeAction.Pageout, KernelOperations.Vaddr)]
    [InlineData(SchemeAction.LruPrio, KernelOperations.Vaddr)]
    public void What_the_kernel_would_silently_not_do_or_the_agent_does_itself_is_refused(SchemeAction action, KernelOperations operations) =>
        Compile(Pageout with { Action = action }, operations: operations).Reason.Should().Be(KernelSchemeReason.UnsupportedAction);

    [Fact]
    public void Nothing_is_enforced_without_a_budget_or_with_one_per_group()
    {
        Compile(Pageout with { Quota = new SchemeQuota() }).Reason.Should().Be(KernelSchemeReason.NoQuota);
        Compile(Pageout with { Quota = new SchemeQuota { SizeBytes = 1 << 20, PerGroupBytes = 4096 } }).Reason.Should().Be(KernelSchemeReason.UnsupportedQuota);
    }

    [Fact]
    public void A_pass_that_may_take_longer_than_a_lease_is_not_left_to_the_kernel()
    {
        var slow = Intervals with { Aggregation = TimeSpan.FromSeconds(10.5) };
        KernelSchemeCompiler.Compile(Pageout, KernelOperations.Paddr, slow, Newest, Scope("/a"), true).Reason.Should().Be(KernelSchemeReason.LeaseTooLong);
        var many = Scope() with { Targets = [.. Enumerable.Repeat(new KernelTarget(2), 101)] };
        Compile(Pageout with { Action = SchemeAction.HugePage }, scope: many, operations: KernelOperations.Vaddr).Reason.Should().Be(KernelSchemeReason.LeaseTooLong);
        Compile(Pageout with { Action = SchemeAction.HugePage }, scope: many with { Targets = [.. many.Targets.Take(100)] }, operations: KernelOperations.Vaddr).Reason.Should().Be(KernelSchemeReason.None);
    }

    [Fact]
    public void Thresholds_are_those_of_the_intervals_in_force() =>
        Compile(Pageout).Scheme!.Pattern.Should().Be(new KernelPattern(0, ulong.MaxValue, 0, 0, 20, uint.MaxValue));

    [Fact]
    public void Rates_below_one_sample_are_refused_and_not_rounded_to_never() =>
        Compile(Pageout with { Pattern = new AccessPattern { MaxRate = AccessRate.FromPercent(1) } }).Reason.Should().Be(KernelSchemeReason.Unrepresentable);

    [Theory]
    [InlineData(SchemeFilterType.Cgroup)]
    [InlineData(SchemeFilterType.Address)]
    [InlineData(SchemeFilterType.Target)]
    public void Filters_of_the_agent_are_not_taken_from_users(SchemeFilterType type) =>
        Compile(Pageout with { Filters = [new SchemeFilter(type, Matching: true, Allow: true)] }).Reason.Should().Be(KernelSchemeReason.UnsupportedFilter);

    private static SchemeDescription Move(int node) => Pageout with { Action = SchemeAction.MigrateCold, Destinations = [new MigrationDestination(node)] };

    private static KernelScope Keeping(string keeping, params string[] cgroups) =>
        Scope() with { Cgroups = [.. cgroups.Select(path => new EligibleCgroup(path, KeepsAnonymous: keeping.Split(',').Contains(path)))] };

    private static SchemeFilter Let(string cgroup) => new(SchemeFilterType.Cgroup, Matching: true, Allow: true) { CgroupPath = cgroup };

    private static SchemeFilter HoldAllBut(string cgroup) => new(SchemeFilterType.Cgroup, Matching: false, Allow: false) { CgroupPath = cgroup };

    private static bool Passes(IReadOnlyList<SchemeFilter> filters, Func<SchemeFilter, bool> isSo)
    {
        foreach (var filter in filters)
        {
            if (isSo(filter) == filter.Matching)
            {
                return filter.Allow;
            }
        }

        return filters.Count == 0 || !filters[^1].Allow;
    }
}
