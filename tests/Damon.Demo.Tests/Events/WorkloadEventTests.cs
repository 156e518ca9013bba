using Damon.Demo.Events;

namespace Damon.Demo.Tests.Events;

public class WorkloadEventTests
{
    private const string Ready =
        """{"event":"ready","elapsedMs":0,"monotonicNs":5,"pattern":"demo","pid":42,"pageBytes":4096,"regions":[{"name":"hot","start":4096,"end":12288,"backing":"File","file":"/var/tmp/x/0-hot"},{"name":"heap","start":139637976727552,"end":139637976735744,"backing":"Anonymous","file":null}]}""";

    private const string Progress =
        """{"event":"progress","elapsedMs":250.5,"monotonicNs":5000000000,"phase":"run","intervalMs":250.25,"accesses":25000000,"accessesPerSecond":99900099.9}""";

    [Fact]
    public void Ready_says_which_process_and_where_its_memory_lies()
    {
        var ready = WorkloadEvent.Read(Ready).Should().BeOfType<WorkloadReady>().Subject;

        ready.ProcessId.Should().Be(42);
        ready.Regions.Should().Equal(
            new WorkloadRegion("hot", 4096, 12288, "/var/tmp/x/0-hot"), new WorkloadRegion("heap", 139637976727552, 139637976735744, File: null));
        ready.Region("hot")!.SizeBytes.Should().Be(8192);
        ready.Region("cold").Should().BeNull();
    }

    [Fact]
    public void Progress_says_how_fast_and_when() =>
        WorkloadEvent.Read(Progress).Should().Be(new WorkloadProgress("run", 5_000_000_000, TimeSpan.FromMilliseconds(250.25), 99_900_099.9));

    [Fact]
    public void No_line_cut_short_is_an_event()
    {
        foreach (var line in (string[])[Ready, Progress])
        {
            for (var length = 0; length < line.Length; length++)
                WorkloadEvent.Read(line[..length]).Should().BeNull();
        }
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("[{\"event\":\"ready\"}]")]
    [InlineData("{\"event\":7}")]
    [InlineData("{\"event\":\"\\ud800\"}")]
    [InlineData("{\"event\":\"end\",\"reason\":\"completed\"}")]
    [InlineData("{\"event\":\"ready\",\"pid\":0,\"regions\":[]}")]
    [InlineData("{\"event\":\"ready\",\"pid\":-1,\"regions\":[]}")]
    [InlineData("{\"event\":\"ready\",\"pid\":2147483648,\"regions\":[]}")]
    [InlineData("{\"event\":\"ready\",\"pid\":1.5,\"regions\":[]}")]
    [InlineData("{\"event\":\"ready\",\"pid\":1,\"regions\":{}}")]
    [InlineData("{\"event\":\"ready\",\"pid\":1,\"regions\":[7]}")]
    [InlineData("{\"event\":\"ready\",\"pid\":1,\"regions\":[{\"name\":\"a\",\"start\":8192,\"end\":8192}]}")]
    [InlineData("{\"event\":\"ready\",\"pid\":1,\"regions\":[{\"name\":\"a\",\"start\":8192,\"end\":4096}]}")]
    [InlineData("{\"event\":\"ready\",\"pid\":1,\"regions\":[{\"name\":\"a\",\"start\":0,\"end\":18446744073709551616}]}")]
    [InlineData("{\"event\":\"progress\",\"phase\":\"run\",\"monotonicNs\":5,\"intervalMs\":0,\"accessesPerSecond\":1}")]
    [InlineData("{\"event\":\"progress\",\"phase\":\"run\",\"monotonicNs\":5,\"intervalMs\":-1,\"accessesPerSecond\":1}")]
    [InlineData("{\"event\":\"progress\",\"phase\":\"run\",\"monotonicNs\":5,\"intervalMs\":1e300,\"accessesPerSecond\":1}")]
    [InlineData("{\"event\":\"progress\",\"phase\":\"run\",\"monotonicNs\":5,\"intervalMs\":1,\"accessesPerSecond\":0}")]
    [InlineData("{\"event\":\"progress\",\"phase\":\"run\",\"monotonicNs\":5,\"intervalMs\":1,\"accessesPerSecond\":1e999}")]
    [InlineData("{\"event\":\"progress\",\"phase\":\"run\",\"monotonicNs\":18446744073709551615,\"intervalMs\":1,\"accessesPerSecond\":1}")]
    [InlineData("{\"event\":\"progress\",\"phase\":\"run\",\"monotonicNs\":\"5\",\"intervalMs\":1,\"accessesPerSecond\":1}")]
    public void A_line_that_is_no_known_event_is_passed_over(string line) => WorkloadEvent.Read(line).Should().BeNull();

    [Fact]
    public void A_line_nested_without_end_is_passed_over() =>
        WorkloadEvent.Read("{\"event\":\"ready\",\"pid\":1,\"regions\":" + new string('[', 100_000)).Should().BeNull();
}
