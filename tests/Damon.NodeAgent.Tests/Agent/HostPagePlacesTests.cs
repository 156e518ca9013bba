using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Damon.Engine.Actions;
using Damon.Engine.Host;
using Damon.Engine.Regions;
using Damon.NodeAgent.Agent;
using Damon.Testing;

namespace Damon.NodeAgent.Tests.Agent;

/// <summary>The kernel of this machine, asked about a process that this test has started: it only looks.</summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "Starts and ends a process of its own.")]
public class HostPagePlacesTests
{
    private readonly List<PlacedRange> _found = [];

    [Fact]
    public async Task Pages_of_a_process_are_found_on_this_machines_nodes_until_it_has_ended()
    {
        var root = new HostRoot();
        using var child = Process.Start(new ProcessStartInfo("cat") { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true })!;
        try
        {
            // Its answer shows that it runs, and no longer is a copy of this process.
            await child.StandardInput.WriteLineAsync("here");
            await child.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
            await child.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
            var process = ProcessTree.Identify(root, child.Id).Value;
            var places = new HostPagePlaces(root, process);
            var ranges = Mappings(root, child.Id);

            var end = places.Find(ranges, _found);
            Assert.SkipWhen(end.Error is { Kind: HostErrorKind.Unsupported, Errno: > 0 }, "This kernel was built without NUMA: move_pages was not called.");

            end.Value.Should().Be(ranges[^1].End);
            var nodes = root.ReadText("/sys/devices/system/node/has_memory").TryGet(out var text) && NumberList.TryParse(text, out var known) ? known : [0];
            _found.Should().NotBeEmpty();
            _found.Should().OnlyContain(run => nodes.Contains(run.Node) && ranges.Any(range => run.Range.Start >= range.Start && run.Range.Start < range.End));

            new HostPagePlaces(root, new ProcessIdentity(child.Id, process.StartTimeTicks + 1)).Find(ranges, _found).Error.Kind.Should().Be(HostErrorKind.Vanished);
            _found.Should().BeEmpty();

            child.Kill();
            await child.WaitForExitAsync(TestContext.Current.CancellationToken);
            places.Find(ranges, _found).Error.Kind.Should().Be(HostErrorKind.Vanished);
            _found.Should().BeEmpty();
        }
        finally
        {
            child.Kill();
        }
    }

    [Fact]
    public void A_tree_that_is_not_this_machines_is_answered_with_unsupported()
    {
        using var host = new FakeHost();
        var process = host.Process(Environment.ProcessId, startTimeTicks: 1);
        new HostPagePlaces(host.Root, process.Identity).Find([new AddressRange(4096, 8192)], _found).Error.Kind.Should().Be(HostErrorKind.Unsupported);
    }

    private static List<AddressRange> Mappings(HostRoot root, int process)
    {
        var reader = new HostReader();
        root.Read($"/proc/{process}/maps", reader).IsOk.Should().BeTrue();
        var ranges = new List<AddressRange>();
        foreach (var mapping in ProcMaps.Enumerate(reader.Content))
        {
            // Behind the last address of a process there is the kernel's own page, which is no page of its.
            if (mapping.End < 1UL << 63)
            {
                ranges.Add(new AddressRange(mapping.Start, mapping.End));
            }
        }

        return ranges;
    }
}
