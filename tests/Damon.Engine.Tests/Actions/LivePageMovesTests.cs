using System.Runtime.InteropServices;
using Damon.Engine.Actions;
using Damon.Engine.Host;
using Damon.Engine.Interop;
using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;

namespace Damon.Engine.Tests.Actions;

/// <summary>The real call, on this process's own memory.</summary>
public class LivePageMovesTests
{
    private const int Count = 8;
    private static readonly int PageBytes = Environment.SystemPageSize;

    [Fact]
    public void Own_pages_lie_where_the_kernel_says_and_there_is_nothing_to_move_to_where_they_lie()
    {
        using var memory = new OwnPages();
        var moves = new ProcessPageMoves(Environment.ProcessId);
        var status = new int[Count];
        var found = moves.Find(memory.Addresses, status);
        Assert.SkipWhen(found == -Errno.ENOSYS, "This kernel was built without NUMA: move_pages was not called.");

        found.Should().Be(0);
        status.Should().OnlyContain(node => node >= 0);

        using var migrator = PageMigrator.Open(new HostRoot(), ProcessIdentityOf(), TimeProvider.System).Value;
        var there = new MemoryAction(SchemeAction.MigrateHot, [new(status[0])]);
        if (status.All(node => node == status[0]))
        {
            migrator.Measure(there, memory.Range, ulong.MaxValue, default, out var reach).Should().Be(ActionOutcome.Applied);
            reach.ReachableBytes.Should().Be(0);
            migrator.Apply(there, [memory.Range], default).Should().Match<ActionResult>(result => result.Outcome == ActionOutcome.NoEffect && result.AdvisedBytes == 0);
        }

        // The moving call itself, to where they are.
        moves.Move(memory.Addresses, status, new int[Count]).Should().Be(0);
    }

    [Fact]
    public void A_page_that_is_not_there_and_a_node_that_cannot_be_are_told()
    {
        using var memory = new OwnPages();
        var moves = new ProcessPageMoves(Environment.ProcessId);
        var status = new int[1];
        Assert.SkipWhen(moves.Find([0UL], status) == -Errno.ENOSYS, "This kernel was built without NUMA: move_pages was not called.");

        status[0].Should().BeOneOf(-Errno.EFAULT, -Errno.ENOENT);
        moves.Move(memory.Addresses.AsSpan(0, 1), [1023], status).Should().BeOneOf(-Errno.ENODEV, -Errno.EACCES);
        new ProcessPageMoves(int.MaxValue).Find(memory.Addresses, new int[Count]).Should().Be(-Errno.ESRCH);
    }

    [Fact]
    public void A_node_that_this_machine_has_not_is_named()
    {
        using var memory = new OwnPages();
        using var migrator = PageMigrator.Open(new HostRoot(), ProcessIdentityOf(), TimeProvider.System).Value;

        migrator.Measure(new(SchemeAction.MigrateCold, [new(1023)]), memory.Range, ulong.MaxValue, default, out _).Should().Be(ActionOutcome.Unsupported);
        migrator.LastError.Should().Contain("memory node 1023 is not there");
    }

    private static ProcessIdentity ProcessIdentityOf()
    {
        using var watch = ProcessWatch.Open(new HostRoot(), Environment.ProcessId).Value;
        return watch.Identity;
    }

    /// <summary>Private pages with content, aligned.</summary>
    private sealed class OwnPages : IDisposable
    {
        private readonly byte[] _bytes = GC.AllocateArray<byte>((Count + 1) * PageBytes, pinned: true);

        public OwnPages()
        {
            var start = ((ulong)Marshal.UnsafeAddrOfPinnedArrayElement(_bytes, 0) + (ulong)PageBytes - 1) / (ulong)PageBytes * (ulong)PageBytes;
            Range = new AddressRange(start, start + (ulong)(Count * PageBytes));
            Addresses = [.. Enumerable.Range(0, Count).Select(page => start + (ulong)(page * PageBytes))];
            for (var i = 0; i < _bytes.Length; i += PageBytes / 2)
            {
                _bytes[i] = 1;
            }
        }

        public AddressRange Range { get; }

        public ulong[] Addresses { get; }

        public void Dispose() => GC.KeepAlive(_bytes);
    }
}
