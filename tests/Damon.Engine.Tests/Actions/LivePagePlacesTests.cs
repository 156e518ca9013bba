using System.Runtime.InteropServices;
using Damon.Engine.Actions;
using Damon.Engine.Host;
using Damon.Engine.Interop;
using Damon.Engine.Regions;

namespace Damon.Engine.Tests.Actions;

/// <summary>The real call, on this process's own memory. It only looks.</summary>
public class LivePagePlacesTests
{
    private const int Bytes = 64 << 20;
    private static readonly int PageBytes = Environment.SystemPageSize;

    [Fact]
    public void Own_pages_in_memory_are_found_on_nodes_of_this_machine_and_untouched_ones_are_not_found()
    {
        Assert.SkipWhen(new ProcessPageMoves(Environment.ProcessId).Find([0UL], new int[1]) == -Errno.ENOSYS, "This kernel was built without NUMA: move_pages was not called.");
        var root = new HostRoot();
        var process = ProcessTree.Identify(root, Environment.ProcessId).Value;

        // So large that the C library maps it anew: nothing of it is in memory before it is touched. Pages 3 and 4 and the last ones of the first 4 MiB are.
        var memory = Marshal.AllocHGlobal(Bytes);
        try
        {
            var first = ((ulong)memory + (ulong)PageBytes - 1) / (ulong)PageBytes * (ulong)PageBytes;
            var range = new AddressRange(first, first + (ulong)(Bytes - PageBytes));
            int[] touched = [3, 4, (4 << 20) / PageBytes];
            foreach (var page in touched)
            {
                Marshal.WriteByte((nint)first, page * PageBytes, 1);
            }

            var found = new List<PlacedRange>();
            using var places = PagePlaces.Open(root, process).Value;
            places.Process.Should().Be(process);
            places.Find([range], found).Value.Should().Be(range.End);

            var nodes = Nodes(root);
            found.Should().OnlyContain(run => nodes.Contains(run.Node) && run.Range.Start >= range.Start && run.Range.End <= range.End);
            touched.Should().OnlyContain(page => found.Exists(run => Holds(run, first + (ulong)(page * PageBytes))));

            // The machine may make huge pages of them; what is in memory is then more than was touched, and still little of it all.
            Present(root, range).Should().Equal(found.SelectMany(run => Enumerable.Range(0, (int)(run.Range.SizeBytes / (ulong)PageBytes)).Select(i => run.Range.Start + (ulong)(i * PageBytes))));
            found.Aggregate(0UL, (sum, run) => sum + run.Range.SizeBytes).Should().BeLessThan(Bytes / 2);

            // Looking has brought nothing in.
            places.Find([range], found);
            Present(root, range).Count.Should().Be(found.Sum(run => (int)(run.Range.SizeBytes / (ulong)PageBytes)));
        }
        finally
        {
            Marshal.FreeHGlobal(memory);
        }
    }

    private static bool Holds(PlacedRange run, ulong address) => address >= run.Range.Start && address < run.Range.End;

    private static List<int> Nodes(HostRoot root) =>
        root.ReadText("/sys/devices/system/node/has_memory").TryGet(out var text) && NumberList.TryParse(text, out var nodes) ? [.. nodes] : [0];

    /// <summary>By the page map alone.</summary>
    private static List<ulong> Present(HostRoot root, AddressRange range)
    {
        using var pagemap = root.Open($"/proc/{Environment.ProcessId}/pagemap").Value;
        var entries = new byte[(int)(range.SizeBytes / (ulong)PageBytes) * sizeof(ulong)];
        for (var read = 0; read < entries.Length;)
        {
            read += pagemap.ReadAt(entries.AsSpan(read), (long)(range.Start / (ulong)PageBytes * sizeof(ulong)) + read).Value;
        }

        var present = new List<ulong>();
        for (var i = 0; i < entries.Length / sizeof(ulong); i++)
        {
            if ((BitConverter.ToUInt64(entries, i * sizeof(ulong)) & (1UL << 63)) != 0)
            {
                present.Add(range.Start + (ulong)(i * PageBytes));
            }
        }

        return present;
    }
}
