using Damon.Engine.Host;
using Damon.Engine.Monitoring;
using Damon.Engine.Probes;
using Damon.Engine.Regions;
using Damon.Testing;

namespace Damon.Engine.Tests.Host;

public class FileFailureTests
{
    private const ulong A = 0x7f00_0000_0000;

    public static TheoryData<string> ProcessFiles => ["stat", "maps", "smaps", "pagemap", "clear_refs"];

    [Theory]
    [MemberData(nameof(ProcessFiles))]
    public void Every_file_of_a_process_may_be_gone_empty_or_hostile_at_any_time(string file)
    {
        foreach (var damage in new[] { "gone", "empty", "cut", "hostile" })
        {
            using var host = new FakeHost().IdlePages(256);
            var process = host.Process(42, mappings: new FakeMapping(A, A + 0x4000) { RssBytes = 0x4000 }).Page(A, 7);
            using var referenced = ReferencedProbe.Open(host.Root, process.Identity, TimeProvider.System).Value;
            using var idle = IdlePageProbe.Open(host.Root, process.Identity).Value;
            var path = process.Path(file);
            _ = damage switch
            {
                "gone" => host.Remove(path),
                "empty" => host.Write(path, ""),
                "cut" => host.Write(path, "42 (ap"),
                _ => host.Write(path, new string('\xff', 5000) + "\n\0\n:" + new string('9', 5000)),
            };

            foreach (var probe in new IAccessProbe[] { referenced, idle })
            {
                var ranges = new AddressRangeList();
                var outcomes = new[]
                {
                    probe.ReadAddressSpace(ranges), probe.Prepare([A]), probe.Check([A], [A + 0x1000], [A], new AccessObservation[1]),
                };
                outcomes.Should().OnlyContain(o => Enum.IsDefined(o));
                foreach (var range in ranges.Ranges)
                {
                    range.Should().Be(new AddressRange(A, A + 0x4000));
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(ProcessFiles))]
    public void A_file_that_may_not_be_opened_is_denied(string file)
    {
        Assert.SkipWhen(Environment.IsPrivilegedProcess, "File modes do not bind root.");
        using var host = new FakeHost();
        var process = host.Process(42, mappings: new FakeMapping(A, A + 0x4000));
        host.Forbid(process.Path(file));
        host.Root.Open(process.Path(file), HostFileAccess.Write).Error.Kind.Should().Be(HostErrorKind.Denied);
    }

    [Fact]
    public void Reading_a_directory_as_a_file_is_an_error_value()
    {
        using var host = new FakeHost();
        host.MakeDirectory("/proc/42/smaps");
        host.Root.Read("/proc/42/smaps", new HostReader()).Error.Kind.Should().Be(HostErrorKind.Failed);
    }
}
