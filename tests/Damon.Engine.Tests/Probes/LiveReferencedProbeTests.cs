using System.IO.MemoryMappedFiles;
using Damon.Engine.Host;
using Damon.Engine.Machine;
using Damon.Engine.Monitoring;
using Damon.Engine.Probes;
using Damon.Engine.Regions;

namespace Damon.Engine.Tests.Probes;

public class LiveReferencedProbeTests(ITestOutputHelper output)
{
    private const int Size = 1024 * 1024;

    [Fact]
    public void The_real_kernel_tells_a_touched_mapping_of_this_process_from_an_idle_one()
    {
        var host = new HostRoot();
        var facts = MachineFacts.Read(host);
        Assert.SkipUnless(facts.HasClearRefs && facts.HasReferenced, facts.Backend(MonitoringBackend.Referenced).Message);
        using var probe = ReferencedProbe.Open(host, ProcessTree.Identify(host, Environment.ProcessId).Value, TimeProvider.System).Value;
        using var hotFile = MemoryMappedFile.CreateNew(mapName: null, Size);
        using var coldFile = MemoryMappedFile.CreateNew(mapName: null, Size);
        using var hot = hotFile.CreateViewAccessor();
        using var cold = coldFile.CreateViewAccessor();
        Touch(hot, Size);
        Touch(cold, Size);
        var ranges = new AddressRangeList();
        probe.ReadAddressSpace(ranges).Should().Be(ProbeOutcome.Ok);
        var regions = new[] { Range(hot), Range(cold) }.OrderBy(r => r.Start).ToArray();
        ranges.Ranges.ToArray().Should().Contain(regions, "both are mappings of their own");

        ulong[] starts = [.. regions.Select(r => r.Start)], ends = [.. regions.Select(r => r.End)];
        var seen = new AccessObservation[2];
        probe.Prepare(starts).Should().Be(ProbeOutcome.Ok);
        ForgetTranslations();
        Touch(hot, Size);
        probe.Check(starts, ends, starts, seen).Should().Be(ProbeOutcome.Ok);
        seen[Array.IndexOf(regions, Range(hot))].Should().Be(AccessObservation.Accessed);
        seen[Array.IndexOf(regions, Range(cold))].Should().Be(AccessObservation.NotAccessed);

        probe.Prepare(starts).Should().Be(ProbeOutcome.Ok);
        ForgetTranslations();
        Touch(cold, Size / 2);
        probe.Check(starts, ends, starts, seen).Should().Be(ProbeOutcome.Ok);
        seen[Array.IndexOf(regions, Range(hot))].Should().Be(AccessObservation.NotAccessed);
        seen[Array.IndexOf(regions, Range(cold))].Should().Be(AccessObservation.PartlyAccessed);
        output.WriteLine($"a pass cost {probe.LastPassCost.TotalMilliseconds:F1} ms, the longest stall was {probe.LongestStall.TotalMilliseconds:F1} ms");
    }

    /// <summary>
    /// clear_refs leaves the processor's cached translations as they are, and an access through one of them marks nothing: within microseconds, as here, what was just accessed would read as idle. Taking away
    /// a mapping of many pages makes the kernel drop them.
    /// </summary>
    private static void ForgetTranslations()
    {
        using var file = MemoryMappedFile.CreateNew(mapName: null, 16 * Size);
        using var view = file.CreateViewAccessor();
        Touch(view, 16 * Size);
    }

    private static void Touch(MemoryMappedViewAccessor view, int bytes)
    {
        for (var offset = 0; offset < bytes; offset += Environment.SystemPageSize)
        {
            view.Write(offset, (byte)1);
        }
    }

    private static AddressRange Range(MemoryMappedViewAccessor view)
    {
        var start = (ulong)view.SafeMemoryMappedViewHandle.DangerousGetHandle();
        return new AddressRange(start, start + Size);
    }
}
