using System.Diagnostics.CodeAnalysis;
using System.IO.MemoryMappedFiles;
using Damon.Engine.Actions;
using Damon.Engine.Host;
using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;
using Damon.Lab.Guest.Running;

namespace Damon.Lab.Guest.Pods;

/// <summary>Files of large folios. ext4 and xfs have them where there is a disk; here a tmpfs with huge pages has them, whose pages the page table and the kernel's advice treat alike.</summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "It maps a file of its own.")]
internal static class LargeFolioTests
{
    private const string Folder = "/tmp/large-folios";
    private const ulong FileBytes = 32UL << 20;

    /// <summary>A multiple of no folio.</summary>
    private const ulong PieceBytes = 69 * 4096;

    public static IReadOnlyList<LabTest> All { get; } =
    [
        new(nameof(A_file_that_is_paged_out_in_pieces_of_no_folio_s_size_is_away_as_a_whole), LabSet.Smoke, A_file_that_is_paged_out_in_pieces_of_no_folio_s_size_is_away_as_a_whole),
    ];

    private static async Task A_file_that_is_paged_out_in_pieces_of_no_folio_s_size_is_away_as_a_whole(LabContext context)
    {
        await context.RunAsync("/bin/mkdir", Folder);
        var mounted = await context.RunAsync("/bin/mount", "-t", "tmpfs", "-o", "huge=always,size=64m", "tmpfs", Folder);
        Expect.True($"a tmpfs with huge pages can be mounted: {mounted.Errors}", mounted.ExitCode == 0);
        try
        {
            PageOutInPieces(context);
        }
        finally
        {
            await context.RunAsync("/bin/umount", Folder);
        }
    }

    private static void PageOutInPieces(LabContext context)
    {
        // Written, not mapped and filled: writes are what the kernel gives large folios to, wherever the mapping will lie.
        var content = new byte[FileBytes];
        for (var at = 0; at < content.Length; at += 4096)
            BitConverter.TryWriteBytes(content.AsSpan(at), (long)at);
        File.WriteAllBytes($"{Folder}/file", content);
        using var file = MemoryMappedFile.CreateFromFile($"{Folder}/file", FileMode.Open);
        using var view = file.CreateViewAccessor();
        for (long at = 0; at < (long)FileBytes; at += 4096)
            Expect.Equal("what is read", at, view.ReadInt64(at));

        var start = (ulong)view.SafeMemoryMappedViewHandle.DangerousGetHandle();
        var before = context.Smaps(Environment.ProcessId, start, start + FileBytes);
        Expect.Equal("bytes in memory before", FileBytes, before.RssBytes);

        var own = ProcessTree.Identify(context.Host, Environment.ProcessId);
        Expect.True("this process is known", own.IsOk);
        var opened = ProcessMadviseActor.Open(context.Host, own.Value, context.Time);
        Expect.True("it can be acted on", opened.IsOk);
        using var actor = opened.Value;
        ulong gone = 0, most = 0;
        for (var at = start; at < start + FileBytes; at += PieceBytes)
        {
            var piece = new AddressRange(at, Math.Min(at + PieceBytes, start + FileBytes));
            Expect.Equal("measuring", ActionOutcome.Applied, actor.Measure(SchemeAction.Pageout, piece, ulong.MaxValue, out _));
            var result = actor.Apply(SchemeAction.Pageout, [piece]);
            gone += result.EffectBytes;
            most = Math.Max(most, result.EffectBytes);
        }

        var after = context.Smaps(Environment.ProcessId, start, start + FileBytes);
        GuestConsole.Note($"of {FileBytes} bytes {after.SwapBytes} are in swap and {after.RssBytes} mapped; reported {gone}, {most} of it by one call for {PieceBytes}");
        Expect.Between("bytes in swap", FileBytes / 16 * 15, FileBytes, after.SwapBytes);
        Expect.Between("bytes that were reported", FileBytes / 16 * 15, FileBytes, gone);
        Expect.Between("bytes that the largest folio took with it", PieceBytes + 1, FileBytes, most);
        Expect.Equal("what is read again", 4096L, view.ReadInt64(4096));
    }
}
