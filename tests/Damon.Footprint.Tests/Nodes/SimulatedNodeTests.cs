using Damon.Engine.Monitoring;
using Damon.Engine.Probes;
using Damon.Engine.Regions;
using Damon.Footprint.Nodes;
using Damon.Testing;

namespace Damon.Footprint.Tests.Nodes;

public class SimulatedNodeTests
{
    private static readonly NodeShape Shape = new(Pods: 2, ProcessesPerPod: 2, HeapBytes: 4 << 20);

    [Fact]
    public void Stripes_of_the_heap_are_accessed_alone()
    {
        using var node = new SimulatedNode(Shape, Enumerable.Range(5000, Shape.Processes));
        var processes = Enumerable.Range(1, Shape.Pods).SelectMany(number => node.AddPod($"00000000-0000-4000-8000-{number:x12}", FakeQos.Burstable, $"{number:x64}").Processes).ToList();
        foreach (var process in processes)
        {
            var opened = IdlePageProbe.Open(node.Host.Root, process);
            opened.IsOk.Should().BeTrue("{0}", opened.Error);
            using var probe = opened.Value;
            var ranges = new AddressRangeList();
            probe.ReadAddressSpace(ranges).Should().Be(ProbeOutcome.Ok);
            ranges.Ranges.ToArray().Should().Contain(new AddressRange(ProcessLayout.HeapStart, ProcessLayout.HeapStart + Shape.HeapBytes)).And.HaveCount(22, "20 libraries, the heap and the stack");

            ulong[] addresses = [.. Enumerable.Range(0, 8).Select(stripe => ProcessLayout.HeapStart + ((ulong)stripe * ProcessLayout.StripeBytes) + 4096)];
            probe.Prepare(addresses);
            node.Access(StripeKind.Hot);
            Seen(probe, addresses).Should().Equal([true, false, false, false, true, false, false, false], "stripes are hot, cold, warm, cold");
            node.Access(StripeKind.Warm);
            Seen(probe, addresses).Should().Equal([true, false, true, false, true, false, true, false]);
        }
    }

    [Fact]
    public void Frames_belong_to_one_area_each()
    {
        var first = new FrameArea(64, 100);
        var second = new FrameArea(first.End, 10);
        (first.End, second.BitmapOffset * 8).Should().Be((192UL, 192L), "an area begins with a word of the bitmap");
        first.Take(100).Should().Be(64);
        first.Invoking(area => area.Take(1)).Should().Throw<ArgumentOutOfRangeException>();
    }

    private static bool[] Seen(IdlePageProbe probe, ulong[] addresses)
    {
        var seen = new AccessObservation[addresses.Length];
        probe.Check(addresses, addresses, addresses, seen).Should().Be(ProbeOutcome.Ok);
        return [.. seen.Select(one => one == AccessObservation.Accessed)];
    }
}
