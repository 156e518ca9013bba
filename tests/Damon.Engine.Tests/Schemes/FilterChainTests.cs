using CsCheck;
using Damon.Engine.Schemes;

namespace Damon.Engine.Tests.Schemes;

public class FilterChainTests
{
    //          0   1   2   3   4   5   6   7   8
    //  filter          [---------------)
    [Theory]
    [InlineData(3, 5, true, 5)]
    [InlineData(1, 2, false, 2)]
    [InlineData(6, 8, false, 8)]
    [InlineData(1, 4, false, 2)]
    [InlineData(2, 8, true, 6)]
    public void A24_an_address_filter_is_about_the_part_of_a_region_inside_it(ulong start, ulong end, bool matches, ulong headEnd)
    {
        var chain = new FilterChain([Address(2, 6, allow: false)]);
        chain.JudgeHead(0, start, end, 1, out var cut).Should().Be(matches ? RegionVerdict.HeldBack : RegionVerdict.LeftToPages);
        cut.Should().Be(headEnd);
    }

    [Theory]
    [InlineData(false, false, "")]
    [InlineData(true, false, "core allow")]
    [InlineData(false, false, "core reject")]
    [InlineData(false, true, "core reject", "page allow")]
    [InlineData(false, true, "core allow", "page allow")]
    [InlineData(false, false, "core allow", "page reject")]
    [InlineData(true, false, "core reject", "core allow")]
    [InlineData(false, false, "core allow", "core reject")]
    [InlineData(false, true, "page reject", "page allow")]
    public void A25_what_no_filter_is_about_is_held_back_where_the_last_filter_allows(bool core, bool page, params string[] filters)
    {
        // None of these is about target 0 or about a page of a file.
        var chain = new FilterChain(
        [
            .. filters.Where(f => f.Length > 0).Select(f => f.StartsWith("core", StringComparison.Ordinal)
                ? new SchemeFilter(SchemeFilterType.Target, true, f.EndsWith("allow", StringComparison.Ordinal)) { TargetId = 9 }
                : new SchemeFilter(SchemeFilterType.Anonymous, true, f.EndsWith("allow", StringComparison.Ordinal))),
        ]);
        (chain.HoldsBackRegionsByDefault, chain.Pages.HoldsBackByDefault).Should().Be((core, page));
        chain.JudgeHead(0, 0, 1, 1, out _).Should().Be(core ? RegionVerdict.HeldBack : RegionVerdict.LeftToPages);
        chain.Pages.Pass(new PageFacts(PageFactKinds.Anonymous)).Should().Be(!page);
    }

    [Theory]
    [InlineData(0x1fff, 0x3001, 0x1000, 0x3000)]
    [InlineData(0x1000, 0x1fff, 0, 0)]
    public void Borders_are_rounded_down_to_the_smallest_region(ulong start, ulong end, ulong insideFrom, ulong insideTo)
    {
        var chain = new FilterChain([Address(start, end, allow: false)]);
        for (ulong page = 0; page < 8; page++)
        {
            chain.JudgeHead(0, page * 4096, (page + 1) * 4096, 4096, out _)
                .Should().Be(page * 4096 >= insideFrom && page * 4096 < insideTo ? RegionVerdict.HeldBack : RegionVerdict.LeftToPages);
        }
    }

    [Fact]
    public void A_region_filter_is_asked_before_page_filters_wherever_it_stands_in_the_list()
    {
        var chain = new FilterChain([new SchemeFilter(SchemeFilterType.Anonymous, true, false), Address(0, 10, allow: true)]);
        chain.JudgeHead(0, 0, 10, 1, out _).Should().Be(RegionVerdict.LetThrough);
        chain.JudgeHead(0, 10, 20, 1, out _).Should().Be(RegionVerdict.LeftToPages);
    }

    [Fact]
    public void The_first_filter_that_is_about_an_address_decides()
    {
        // One byte after the other, asked of every filter in turn, is the definition; the chain says the same in as few pieces as possible.
        var filter = Gen.Select(Gen.Bool, Gen.Bool, Gen.Bool, Gen.ULong[0, 40], Gen.ULong[0, 40], (isTarget, matching, allow, a, b) => isTarget
            ? new SchemeFilter(SchemeFilterType.Target, matching, allow) { TargetId = (int)(a % 2) }
            : new SchemeFilter(SchemeFilterType.Address, matching, allow) { StartAddress = Math.Min(a, b), EndAddress = Math.Max(a, b) });
        Gen.Select(filter.List[0, 6], Gen.Bool, Gen.ULong[0, 30], Gen.ULong[1, 15]).Sample((filters, hasPages, start, size) =>
        {
            var chain = new FilterChain(hasPages ? [.. filters, new SchemeFilter(SchemeFilterType.Young, true, true)] : filters);
            ulong tried = 0;
            RegionVerdict? before = null;
            for (var at = start; at < start + size;)
            {
                var verdict = chain.JudgeHead(1, at, start + size, 1, out var end);
                verdict.Should().NotBe(before, "alike parts are one");
                before = verdict;
                end.Should().BeGreaterThan(at).And.BeLessThanOrEqualTo(start + size);
                for (; at < end; at++)
                {
                    verdict.Should().Be(Naive(filters, hasPages, at));
                    tried += verdict == RegionVerdict.HeldBack ? 0UL : 1;
                }
            }

            chain.CountTried(1, start, start + size, 1).Should().Be(tried);
        });
    }

    private static RegionVerdict Naive(List<SchemeFilter> filters, bool hasPages, ulong address)
    {
        var decides = filters.Find(f => (f.Type == SchemeFilterType.Target ? f.TargetId == 1 : f.StartAddress <= address && address < f.EndAddress) == f.Matching);
        return decides is not null ? decides.Allow ? RegionVerdict.LetThrough : RegionVerdict.HeldBack
            : !hasPages && filters.Count > 0 && filters[^1].Allow ? RegionVerdict.HeldBack
            : RegionVerdict.LeftToPages;
    }

    private static SchemeFilter Address(ulong start, ulong end, bool allow) =>
        new(SchemeFilterType.Address, Matching: true, allow) { StartAddress = start, EndAddress = end };
}
