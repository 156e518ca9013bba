using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;

namespace Damon.Engine.Tests.Schemes;

public class SchemeFilterTests
{
    [Fact]
    public void A28_a_new_filter_keeps_its_fields()
    {
        var filter = new SchemeFilter(SchemeFilterType.Anonymous, Matching: true, Allow: false);
        (filter.Type, filter.Matching, filter.Allow).Should().Be((SchemeFilterType.Anonymous, true, false));
    }

    public static TheoryData<SchemeFilter> Committed =>
    [
        new SchemeFilter(SchemeFilterType.Anonymous, true, true),
        new SchemeFilter(SchemeFilterType.Active, true, false),
        new SchemeFilter(SchemeFilterType.Young, false, false),
        new SchemeFilter(SchemeFilterType.Cgroup, true, true) { CgroupPath = "kubepods/pod123" },
        new SchemeFilter(SchemeFilterType.HugePageSize, true, true) { MinSizeBytes = 234, MaxSizeBytes = 345 },
        new SchemeFilter(SchemeFilterType.Unmapped, true, true),
        new SchemeFilter(SchemeFilterType.Address, true, true) { StartAddress = 456, EndAddress = 567 },
        new SchemeFilter(SchemeFilterType.Target, true, true) { TargetId = 6 },
    ];

    [Theory]
    [MemberData(nameof(Committed))]
    public void A20_a_session_takes_over_a_filters_type_flags_and_own_fields(SchemeFilter filter)
    {
        var plan = new MonitoringPlan(
            MonitoringIntervals.Default, RegionLimits.Default, [new SchemeDescription("s", SchemeAction.Stat, new AccessPattern()) { Filters = [filter] }]);
        using var session = new MonitoringSession(plan, new MappingRegionPolicy(), new RandomSource(1), TimeProvider.System);

        var chain = session.Schemes[0].Filters;

        session.Schemes[0].Description.Filters.Should().Equal(filter);
        if (!filter.IsOfRegions)
        {
            chain.Pages.All.ToArray().Should().Equal(filter);
            chain.HasRegionFilters.Should().BeFalse();
            return;
        }

        // About the target, or about the addresses: inside it decides, elsewhere the default of an allow list does.
        chain.Pages.IsEmpty.Should().BeTrue();
        chain.JudgeHead(6, 456, 567, 1, out _).Should().Be(RegionVerdict.LetThrough);
        chain.JudgeHead(7, 567, 568, 1, out _).Should().Be(RegionVerdict.HeldBack);
    }

    public static TheoryData<SchemeFilter, string> Wrong => new()
    {
        { new SchemeFilter(SchemeFilterType.HugePageSize, true, true) { MinSizeBytes = 2, MaxSizeBytes = 1 }, "f[0].minSizeBytes" },
        { new SchemeFilter(SchemeFilterType.Address, true, true), "f[0].endAddress" },
        { new SchemeFilter(SchemeFilterType.Address, true, true) { StartAddress = 1UL << 63, EndAddress = 1UL << 63 }, "f[0].endAddress" },
        { new SchemeFilter(SchemeFilterType.Target, true, true) { TargetId = -1 }, "f[0].targetId" },
        { new SchemeFilter(SchemeFilterType.Cgroup, true, true), "f[0].cgroupPath" },
        { new SchemeFilter(SchemeFilterType.Cgroup, true, true) { CgroupPath = "a/../b" }, "f[0].cgroupPath" },
        { new SchemeFilter(SchemeFilterType.Cgroup, true, true) { CgroupPath = null! }, "f[0].cgroupPath" },
        { new SchemeFilter(SchemeFilterType.Cgroup, true, true) { CgroupPath = new string('a', 5000) }, "f[0].cgroupPath" },
        { new SchemeFilter((SchemeFilterType)99, true, true), "f[0].type" },
        { new SchemeFilter((SchemeFilterType)(-1), true, true), "f[0].type" },
        { null!, "f[0]" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_is_wrong_with_a_filter_is_told_with_its_field(SchemeFilter filter, string field) =>
        Errors([filter]).Should().ContainSingle().Which.Field.Should().Be(field);

    [Theory]
    [InlineData(SchemeFilterType.Anonymous, 32, true)]
    [InlineData(SchemeFilterType.Anonymous, 33, false)]
    [InlineData(SchemeFilterType.Target, 1024, true)]
    [InlineData(SchemeFilterType.Target, 1025, false)]
    [InlineData(SchemeFilterType.Target, 100_000, false)]
    public void Filters_are_limited_in_number_and_too_many_are_one_error(SchemeFilterType type, int count, bool isOk) =>
        Errors([.. Enumerable.Repeat(new SchemeFilter(type, true, true), count)]).Should().HaveCount(isOk ? 0 : 1);

    [Fact]
    public void Both_limits_hold_at_once()
    {
        var most = Enumerable.Repeat(new SchemeFilter(SchemeFilterType.Target, true, true), 1024).Concat(Enumerable.Repeat(new SchemeFilter(SchemeFilterType.Young, true, true), 32)).ToList();
        Errors(most).Should().BeEmpty();
        Errors([.. most, most[0]]).Should().ContainSingle();
        Errors(null).Should().ContainSingle().Which.Field.Should().Be("f");
    }

    private static List<PlanError> Errors(IReadOnlyList<SchemeFilter>? filters)
    {
        var errors = new List<PlanError>();
        FilterChain.Check(filters, "f", errors);
        return errors;
    }
}
