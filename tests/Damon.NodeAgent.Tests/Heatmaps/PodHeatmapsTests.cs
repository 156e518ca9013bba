using Damon.Engine.Regions;
using Damon.NodeAgent.Heatmaps;
using Damon.NodeAgent.Metrics;
using Microsoft.Extensions.Time.Testing;

namespace Damon.NodeAgent.Tests.Heatmaps;

public class PodHeatmapsTests
{
    private const uint Samples = 20;

    private static readonly TimeSpan Aggregation = TimeSpan.FromSeconds(10);
    private static readonly PodName A = new("n", "a");

    private readonly FakeTimeProvider _time = new();
    private readonly PodHeatmaps _heatmaps;

    public PodHeatmapsTests() => _heatmaps = new PodHeatmaps(_time);

    [Fact]
    public void Nothing_is_kept_of_a_pod_that_nobody_asks_for()
    {
        Add(A, 1);
        _heatmaps.IsRecorded(A).Should().BeFalse();
        _heatmaps.Ask(A).Should().Be(new HeatmapAnswer(HeatmapAvailability.Recording, null));
        Publish();
        _heatmaps.Ask(A).Availability.Should().Be(HeatmapAvailability.Recording, "what came before it was asked for is not in it");
    }

    [Fact]
    public void A_recording_has_what_came_since_it_was_asked_for()
    {
        _heatmaps.Ask(A);
        Add(A, 2, accesses: 10);
        Add(A, 1, accesses: 20);
        Add(new PodName("n", "b"), 3);
        Publish();
        var answer = _heatmaps.Ask(A);
        answer.Availability.Should().Be(HeatmapAvailability.Ready);
        answer.Heatmap!.Targets.Select(target => (target.Target, target.Container, target.RowDuration, target.Rows.Count)).Should().Equal((1, "main", Aggregation, 1), (2, "main", Aggregation, 1));
        answer.Heatmap.Targets[1].Rows[0].Should().OnlyContain(rate => Math.Abs(rate - 0.5) < 1e-9);
    }

    [Fact]
    public void What_was_given_out_does_not_change()
    {
        _heatmaps.Ask(A);
        Add(A, 1, accesses: 20);
        Publish();
        var before = _heatmaps.Ask(A).Heatmap!;
        for (var i = 0; i < 100; i++)
        {
            Add(A, 1, accesses: 0);
        }

        before.Targets[0].Rows.Should().ContainSingle().Which.Should().OnlyContain(rate => rate == 1);
    }

    [Fact]
    public void Only_a_few_pods_are_recorded_at_once_and_the_next_waits_until_one_is_forgotten()
    {
        for (var i = 0; i < PodHeatmaps.MaxPods; i++)
        {
            _heatmaps.Ask(new PodName("n", $"p{i}")).Availability.Should().Be(HeatmapAvailability.Recording);
        }

        _heatmaps.Ask(A).Availability.Should().Be(HeatmapAvailability.Busy);
        _time.Advance(PodHeatmaps.KeptFor);
        _heatmaps.Ask(new PodName("n", "p0"));
        _heatmaps.Ask(A).Availability.Should().Be(HeatmapAvailability.Busy);
        _time.Advance(TimeSpan.FromSeconds(1));
        _heatmaps.Ask(A).Availability.Should().Be(HeatmapAvailability.Recording);
        _heatmaps.IsRecorded(new PodName("n", "p0")).Should().BeTrue("it was asked for again");
        _heatmaps.IsRecorded(new PodName("n", "p1")).Should().BeFalse();
    }

    [Fact]
    public void A_pod_that_nobody_asks_for_any_more_is_let_go()
    {
        _heatmaps.Ask(A);
        Add(A, 1);
        Publish();
        _time.Advance(PodHeatmaps.KeptFor + TimeSpan.FromSeconds(1));
        Publish();
        _heatmaps.IsRecorded(A).Should().BeFalse();
        _heatmaps.Ask(A).Availability.Should().Be(HeatmapAvailability.Recording, "the old one is gone");
    }

    [Fact]
    public void Of_a_pod_with_many_processes_some_are_left_out_and_counted_until_there_is_room()
    {
        _heatmaps.Ask(A);
        for (var target = 0; target < PodHeatmaps.MaxTargets + 3; target++)
        {
            Add(A, target);
        }

        Publish();
        var heatmap = _heatmaps.Ask(A).Heatmap!;
        (heatmap.Targets.Count, heatmap.OmittedTargets).Should().Be((PodHeatmaps.MaxTargets, 3));

        // The first two end: of the others those that are added next have their place.
        _time.Advance(2 * Aggregation);
        for (var target = 2; target < PodHeatmaps.MaxTargets + 3; target++)
        {
            Add(A, target);
        }

        _time.Advance((2 * Aggregation) + TimeSpan.FromSeconds(1));
        Publish();
        for (var target = 2; target < PodHeatmaps.MaxTargets + 3; target++)
        {
            Add(A, target);
        }

        Publish();
        heatmap = _heatmaps.Ask(A).Heatmap!;
        heatmap.Targets.Select(target => target.Target).Should().Equal(Enumerable.Range(2, PodHeatmaps.MaxTargets));
        heatmap.OmittedTargets.Should().Be(1);
    }

    [Fact]
    public void Another_interval_or_another_container_under_the_same_number_begins_a_new_map()
    {
        _heatmaps.Ask(A);
        Add(A, 1);
        Add(A, 1);
        Publish();
        _heatmaps.Ask(A).Heatmap!.Targets[0].Rows.Should().HaveCount(2);
        _heatmaps.Add(A, 1, "main", Regions(0), Samples, 2 * Aggregation);
        Publish();
        _heatmaps.Ask(A).Heatmap!.Targets.Should().ContainSingle().Which.RowDuration.Should().Be(2 * Aggregation);
        _heatmaps.Add(A, 1, "other", Regions(0), Samples, 2 * Aggregation);
        Publish();
        _heatmaps.Ask(A).Heatmap!.Targets.Should().ContainSingle().Which.Rows.Should().HaveCount(1);
    }

    private void Publish() => _heatmaps.Publish(_time.GetUtcNow());

    private void Add(PodName pod, int target, uint accesses = 0) => _heatmaps.Add(pod, target, "main", Regions(accesses), Samples, Aggregation);

    private static RegionTable Regions(uint accesses)
    {
        var regions = new RegionTable(4096);
        regions.SetRanges([new AddressRange(0x10000, 0x50000)]);
        regions.Accesses.Fill(accesses);
        return regions;
    }
}
