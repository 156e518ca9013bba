using Damon.Engine.Schemes;

namespace Damon.Engine.Tests.Schemes;

public class SchemeDescriptionTests
{
    private static readonly SchemeDescription Scheme = Read();

    /// <summary>One change of each property.</summary>
    private static readonly Dictionary<string, SchemeDescription> Changes = new()
    {
        [nameof(SchemeDescription.Name)] = Scheme with { Name = "other" },
        [nameof(SchemeDescription.Action)] = Scheme with { Action = SchemeAction.MigrateHot },
        [nameof(SchemeDescription.Pattern)] = Scheme with { Pattern = new() { MinSizeBytes = 2 } },
        [nameof(SchemeDescription.Mode)] = Scheme with { Mode = SchemeMode.Observe },
        [nameof(SchemeDescription.Quota)] = Scheme with { Quota = new() { SizeBytes = 2 } },
        [nameof(SchemeDescription.ApplyInterval)] = Scheme with { ApplyInterval = TimeSpan.FromSeconds(2) },
        [nameof(SchemeDescription.Destinations)] = Scheme with { Destinations = [new(1, 2), new(2, 2)] },
        [nameof(SchemeDescription.AnyDestinationWillDo)] = Scheme with { AnyDestinationWillDo = true },
        [nameof(SchemeDescription.Filters)] = Scheme with { Filters = [new(SchemeFilterType.Young, Matching: true, Allow: true)] },
        [nameof(SchemeDescription.Watermarks)] = Scheme with { Watermarks = null },
        [nameof(SchemeDescription.IsSuspended)] = Scheme with { IsSuspended = true },
    };

    [Fact]
    public void Schemes_that_say_the_same_are_equal_whichever_lists_they_hold()
    {
        Read().Should().Be(Scheme);
        Read().GetHashCode().Should().Be(Scheme.GetHashCode());
    }

    [Fact]
    public void Every_property_counts()
    {
        Changes.Keys.Should().BeEquivalentTo(typeof(SchemeDescription).GetProperties().Select(property => property.Name), "a new property needs a line here and in Equals");
        foreach (var (property, changed) in Changes)
        {
            changed.Equals(Scheme).Should().BeFalse(property);
        }
    }

    private static SchemeDescription Read() => new("s", SchemeAction.MigrateCold, new() { MinSizeBytes = 1 })
    {
        Mode = SchemeMode.Enforce,
        Quota = new() { SizeBytes = 1, Goals = [new(GoalMetric.UserInput, 1)] },
        ApplyInterval = TimeSpan.FromSeconds(1),
        Destinations = [new(1, 2), new(2, 3)],
        Filters = [new(SchemeFilterType.Anonymous, Matching: true, Allow: true)],
        Watermarks = new() { Metric = WatermarkMetric.FreeMemory, Interval = TimeSpan.FromSeconds(1), High = 900, Mid = 100, Low = 50 },
    };
}
