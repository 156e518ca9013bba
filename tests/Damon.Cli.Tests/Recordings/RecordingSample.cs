using System.Diagnostics.CodeAnalysis;
using Damon.Engine.Monitoring;
using Damon.Engine.Recordings;

namespace Damon.Cli.Tests.Recordings;

/// <summary>A recording whose figures are known: 64 MiB of which a quarter is hot, for twenty seconds.</summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "The files that a test gives to a command.")]
internal static class RecordingSample
{
    public const ulong HotBytes = 16UL << 20;
    public const ulong ColdBytes = 48UL << 20;
    public const int Snapshots = 200;

    private const ulong Start = 0x7f0000000000;

    public static string Write(TemporaryFolder folder, string name = "sample.rec", bool resetsAges = false, int cutBytes = 0)
    {
        var path = Path.Combine(folder.Path, name);
        using var stream = new FileStream(path, FileMode.Create, FileAccess.ReadWrite);
        var segment = new RecordedSegment { Began = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), SchemesResetAges = resetsAges };
        var writer = RecordingWriter.Open(stream, segment, TestContext.Current.CancellationToken).Writer!;
        for (var i = 0; i < Snapshots; i++)
        {
            RecordedRegion[] regions = [new(Start, Start + HotBytes, 20, (uint)i), new(Start + HotBytes, Start + HotBytes + ColdBytes, 0, (uint)i)];
            writer.Append(new RecordedSnapshot(MonitoringIntervals.Default.Aggregation * (i + 1), MonitoringIntervals.Default, [new RecordedTarget(4711, "postgres", regions)]));
        }

        stream.SetLength(stream.Length - cutBytes);
        return path;
    }
}
