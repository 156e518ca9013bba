using System.Text;
using System.Text.Json;
using Damon.Patterns;
using Damon.Workload.Events;
using Damon.Workload.Memory;
using Damon.Workload.Runs;

namespace Damon.Workload.Tests.Events;

public class EventLinesTests
{
    private static readonly RunMoment OneSecond = new(TimeSpan.FromMicroseconds(1_000_250), 6_000_250_000);
    private static readonly RunMoment ThreeSeconds = new(TimeSpan.FromSeconds(3), 8_000_000_000);

    private static readonly RunStart Start = new("demo", new RunMoment(TimeSpan.Zero, 5_000_000_000), 42, 4096,
    [
        new MappedRegion("heap", 0x7f0000000000, 0x2000, RegionBacking.Anonymous, File: null),
        new MappedRegion("cache", 0x7f0000010000, 0x1000, RegionBacking.File, "/var/tmp/x/1-cache"),
    ]);

    private static readonly PhaseEnd End = new("steady", 2, OneSecond, ThreeSeconds, TimeSpan.FromSeconds(1), 8000,
    [
        new RegionTruth("heap", 8000, 2, 1, [new AccessWindow(0.5, 0.1)]),
        new RegionTruth("cache", 0, 1, 0, []),
    ]);

    [Fact]
    public void Json_events_are_one_object_a_line_with_the_documented_properties()
    {
        var lines = Lines(stream =>
        {
            using var json = new JsonLine(stream);
            TellAll(new JsonEvents(json));
        });

        lines.Should().Equal(
            """{"event":"ready","elapsedMs":0,"monotonicNs":5000000000,"pattern":"demo","pid":42,"pageBytes":4096,"regions":[{"name":"heap","start":139637976727552,"end":139637976735744,"backing":"Anonymous","file":null},{"name":"cache","start":139637976793088,"end":139637976797184,"backing":"File","file":"/var/tmp/x/1-cache"}]}""",
            """{"event":"progress","elapsedMs":1000.25,"monotonicNs":6000250000,"phase":"steady","intervalMs":500,"accesses":1000,"accessesPerSecond":2000}""",
            """{"event":"phase-end","elapsedMs":3000,"monotonicNs":8000000000,"phase":"steady","occurrence":2,"fromMs":1000.25,"toMs":3000,"accesses":8000,"accessesPerSecond":4000.5}""",
            """{"event":"end","elapsedMs":3000,"monotonicNs":8000000000,"reason":"completed","accesses":9000,"accessesPerSecond":3000}""");
    }

    [Fact]
    public void Every_event_has_gone_out_when_the_next_begins()
    {
        using var output = new FlushCountingStream();
        using var json = new JsonLine(output);
        TellAll(new JsonEvents(json));

        output.BytesAtFlush.Should().HaveCountGreaterThanOrEqualTo(4);
        output.BytesAtFlush[^1].Should().Be(output.Length);
    }

    [Fact]
    public void The_truth_has_a_line_for_each_phase_and_region()
    {
        var lines = Lines(stream =>
        {
            using var json = new JsonLine(stream);
            TellAll(new TruthFile(json));
        });

        lines.Should().HaveCount(2);
        using var hot = JsonDocument.Parse(lines[0]);
        using var cold = JsonDocument.Parse(lines[1]);
        hot.RootElement.GetProperty("region").GetString().Should().Be("heap");
        hot.RootElement.GetProperty("occurrence").GetInt32().Should().Be(2);
        hot.RootElement.GetProperty("fromMs").GetDouble().Should().Be(1000.25);
        hot.RootElement.GetProperty("toMonotonicNs").GetInt64().Should().Be(8_000_000_000);
        hot.RootElement.GetProperty("accessed").GetBoolean().Should().BeTrue();
        hot.RootElement.GetProperty("shareOfPagesAccessed").GetDouble().Should().Be(0.5);
        hot.RootElement.GetProperty("accessesPerPagePerSecond").GetDouble().Should().BeApproximately(8000 / 1.99975, 0.001);
        hot.RootElement.GetProperty("windows")[0].GetProperty("originMs").GetDouble().Should().Be(1000);
        cold.RootElement.GetProperty("accessed").GetBoolean().Should().BeFalse();
        cold.RootElement.GetProperty("accessesPerPagePerSecond").GetDouble().Should().Be(0);
        cold.RootElement.GetProperty("windows").GetArrayLength().Should().Be(0);
    }

    [Fact]
    public void Text_events_name_regions_phases_and_the_end()
    {
        using var output = new StringWriter();
        TellAll(new TextEvents(output));

        var lines = output.ToString().TrimEnd('\n').Split('\n');
        lines.Should().HaveCount(6);
        lines[0].Should().Be("ready: pattern demo, pid 42");
        lines[1].Should().Contain("heap").And.Contain("0x7f0000000000-0x7f0000002000").And.Contain("8 KiB");
        lines[2].Should().Contain("/var/tmp/x/1-cache");
        lines[3].Should().Contain("steady").And.Contain("2,000 accesses/s");
        lines[5].Should().StartWith("completed after 3.0 s");
    }

    [Theory]
    [InlineData(4096UL, "4 KiB")]
    [InlineData(1UL << 20, "1 MiB")]
    [InlineData(3UL << 29, "1.5 GiB")]
    public void Sizes_are_written_in_their_largest_unit(ulong bytes, string text) => Figures.Bytes(bytes).Should().Be(text);

    private static void TellAll(IRunObserver observer)
    {
        observer.OnStart(Start);
        observer.OnProgress(new Progress("steady", OneSecond, TimeSpan.FromMilliseconds(500), 1000));
        observer.OnPhaseEnd(End);
        observer.OnEnd(new RunEnd(ThreeSeconds, Interrupted: false, 9000));
    }

    private static string[] Lines(Action<Stream> write)
    {
        using var stream = new MemoryStream();
        write(stream);
        return Encoding.UTF8.GetString(stream.ToArray()).TrimEnd('\n').Split('\n');
    }

    private sealed class FlushCountingStream : MemoryStream
    {
        public List<long> BytesAtFlush { get; } = [];

        public override void Flush() => BytesAtFlush.Add(Length);
    }
}
