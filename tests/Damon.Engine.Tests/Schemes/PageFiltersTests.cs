using CsCheck;
using Damon.Engine.Schemes;

namespace Damon.Engine.Tests.Schemes;

public class PageFiltersTests
{
    private const PageFactKinds Everything = PageFactKinds.Anonymous | PageFactKinds.Active | PageFactKinds.Young | PageFactKinds.FolioSize | PageFactKinds.Cgroup;

    internal static readonly Gen<SchemeFilter> AnyFilter = Gen.Select(
        Gen.Int[0, (int)SchemeFilterType.Cgroup], Gen.Bool, Gen.Bool, Gen.ULong[0, 4], Gen.ULong[0, 4],
        (type, matching, allow, a, b) => new SchemeFilter((SchemeFilterType)type, matching, allow) { MinSizeBytes = Math.Min(a, b) * 4096, MaxSizeBytes = Math.Max(a, b) * 4096 });

    [Fact]
    public void The_first_filter_that_is_about_a_page_decides() =>
        Gen.Select(AnyFilter.List[0, 8], Gen.Bool, Gen.Bool, Gen.Bool, Gen.ULong[0, 4], Gen.UInt).Sample((filters, anonymous, active, young, folioPages, cgroups) =>
        {
            var page = new PageFacts(Everything, anonymous, active, young, folioPages * 4096, cgroups);
            new PageFilters(filters).Pass(page).Should().Be(Naive(filters, page));
        });

    [Fact]
    public void A_page_is_held_back_where_the_filter_that_has_to_decide_cannot_be_judged() =>
        Gen.Select(AnyFilter.List[1, 8], Gen.Int[0, 31], Gen.Bool, Gen.Bool, Gen.Bool).Sample((filters, known, anonymous, active, young) =>
        {
            var page = new PageFacts((PageFactKinds)known, anonymous, active, young, 4096, 1);
            // By place: two filters may be equal, and of control groups each has its own answer.
            var last = Enumerable.Range(0, filters.Count).Where(i => Is(filters[i], i, page) == filters[i].Matching).DefaultIfEmpty(filters.Count - 1).First();
            if (filters.Take(last + 1).Any(f => f.Type != SchemeFilterType.Unmapped && (known & (1 << (int)Fact(f.Type))) == 0))
            {
                new PageFilters(filters).Pass(page).Should().BeFalse();
            }
        });

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    [InlineData(4, true)]
    [InlineData(5, false)]
    public void Both_bounds_belong_to_the_range_of_folio_sizes(ulong pages, bool passes) =>
        new PageFilters([new SchemeFilter(SchemeFilterType.HugePageSize, true, true) { MinSizeBytes = 2 * 4096, MaxSizeBytes = 4 * 4096 }])
            .Pass(new PageFacts(PageFactKinds.FolioSize, FolioBytes: pages * 4096)).Should().Be(passes);

    [Fact]
    public void No_page_of_a_process_is_unmapped()
    {
        new PageFilters([new SchemeFilter(SchemeFilterType.Unmapped, true, true)]).Pass(new PageFacts(Everything)).Should().BeFalse();
        new PageFilters([new SchemeFilter(SchemeFilterType.Unmapped, true, false)]).Pass(new PageFacts(Everything)).Should().BeTrue();
    }

    [Fact]
    public void Without_filters_everything_is_let_through_and_nothing_needs_to_be_known()
    {
        var none = default(PageFilters);
        (none.IsEmpty, none.Pass(default), none.Needs).Should().Be((true, true, PageFactKinds.None));
        new PageFilters([new SchemeFilter(SchemeFilterType.Target, true, true)]).Should().Be(none);
    }

    [Fact]
    public void More_filters_than_bits_for_them_are_refused() =>
        FluentActions.Invoking(() => new PageFilters(Enumerable.Repeat(new SchemeFilter(SchemeFilterType.Young, true, true), 33))).Should().Throw<ArgumentException>();

    internal static bool Naive(List<SchemeFilter> filters, PageFacts page)
    {
        for (var i = 0; i < filters.Count; i++)
        {
            if (Is(filters[i], i, page) == filters[i].Matching)
            {
                return filters[i].Allow;
            }
        }

        return filters.Count == 0 || !filters[^1].Allow;
    }

    private static bool Is(SchemeFilter filter, int index, PageFacts page) => filter.Type switch
    {
        SchemeFilterType.Anonymous => page.IsAnonymous,
        SchemeFilterType.Active => page.IsActive,
        SchemeFilterType.Young => page.IsYoung,
        SchemeFilterType.HugePageSize => page.FolioBytes >= filter.MinSizeBytes && page.FolioBytes <= filter.MaxSizeBytes,
        SchemeFilterType.Cgroup => (page.CgroupFilters & (1u << index)) != 0,
        _ => false,
    };

    /// <summary>Which bit of what is known a filter needs.</summary>
    private static int Fact(SchemeFilterType type) => Array.IndexOf(
        new[] { SchemeFilterType.Anonymous, SchemeFilterType.Active, SchemeFilterType.Young, SchemeFilterType.HugePageSize, SchemeFilterType.Cgroup }, type);
}
