using System.Runtime.InteropServices;
using CsCheck;
using Damon.Engine.Host;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;
using Damon.NodeAgent.Ledger;

namespace Damon.NodeAgent.Tests.Ledger;

public class LedgerFormatTests
{
    private static readonly LedgerEntry[] Entries =
    [
        new(LedgerEntryKind.Boot, 0) { Text = "8c1f" },
        new(LedgerEntryKind.Intent, 1) { Change = new FileChange("scheme", "pod", "/sys/fs/cgroup/ä/memory.low", new FileIdentity(5, ulong.MaxValue), "0", "max") },
        new(LedgerEntryKind.Applied, 1) { Text = "max" },
        new(LedgerEntryKind.Intent, 2) { Change = new PageMove("", "pod", new ProcessIdentity(7, 99), new AddressRange(0x1000, 0x9000), 0, 1) },
        new(LedgerEntryKind.Intent, 3) { Change = new PageMove("s", "pod", new ProcessIdentity(7, 99), new AddressRange(0x1000, 0x9000), 2, PageMove.SeveralNodes) },
        new(LedgerEntryKind.Rebased, 1) { Text = "4096" },
        new(LedgerEntryKind.Settled, ulong.MaxValue),
        new(LedgerEntryKind.Irreversible, 0) { Text = "scheme", Action = SchemeAction.Pageout, Bytes = 1UL << 40 },
    ];

    [Fact]
    public void Every_kind_of_record_is_read_as_it_was_written() => ReadAll(Bytes(Entries), out _).Should().Equal(Entries);

    [Fact]
    public void A_file_that_ends_anywhere_gives_all_whole_records()
    {
        var bytes = Bytes(Entries);
        var ends = Entries.Select((_, i) => Bytes(Entries[..(i + 1)]).Length).ToArray();
        for (var length = 0; length <= bytes.Length; length++)
        {
            ReadAll(bytes.AsSpan(0, length), out var damaged).Should().Equal(Entries[..ends.Count(end => end <= length)]);
            damaged.Should().Be(length - ends.LastOrDefault(end => end <= length));
        }
    }

    [Fact]
    public void One_damaged_byte_costs_one_record()
    {
        var bytes = Bytes(Entries);
        var ends = Entries.Select((_, i) => Bytes(Entries[..(i + 1)]).Length).ToArray();
        for (var at = 0; at < bytes.Length; at++)
        {
            foreach (var flip in (byte[])[1, 0x80, 0xff])
            {
                var damaged = (byte[])bytes.Clone();
                damaged[at] ^= flip;
                var lost = ends.Count(end => end <= at);
                ReadAll(damaged, out _).Should().Equal(Entries.Where((_, i) => i != lost));
            }
        }
    }

    [Fact]
    public void Whatever_the_bytes_reading_ends_and_throws_nothing() =>
        Gen.Byte.Array[0, 400].Sample(noise =>
        {
            ReadAll(noise, out var damaged);
            damaged.Should().BeLessThanOrEqualTo(noise.Length);
            ReadAll([.. noise, .. Bytes(Entries)], out _).Should().Equal(Entries);
        });

    [Fact]
    public void A_change_that_does_not_fit_is_found_before_it_is_written()
    {
        LedgerFormat.Fits(new FileChange("", "", new string('a', 2048), default, "", "")).Should().BeTrue();
        LedgerFormat.Fits(new FileChange("", "", new string('a', 2049), default, "", "")).Should().BeFalse();
    }

    private static byte[] Bytes(IEnumerable<LedgerEntry> entries)
    {
        var bytes = new List<byte>();
        foreach (var entry in entries)
        {
            LedgerFormat.Write(bytes, entry);
        }

        return [.. CollectionsMarshal.AsSpan(bytes)];
    }

    private static List<LedgerEntry> ReadAll(ReadOnlySpan<byte> bytes, out int damagedBytes)
    {
        var entries = new List<LedgerEntry>();
        damagedBytes = 0;
        while (true)
        {
            var found = LedgerFormat.TryRead(ref bytes, out var entry, out var damaged);
            damagedBytes += damaged;
            if (!found)
            {
                return entries;
            }

            entries.Add(entry!);
        }
    }
}
