using System.Globalization;
using System.Text.Json;
using Damon.Lab.Guest.Running;

namespace Damon.Lab.Guest.Programs;

/// <summary>A workload whose memory is all there and whose first phase has begun.</summary>
public sealed class RunningWorkload
{
    private readonly GuestProgram _program;

    /// <summary>Its next report in accesses a second; nothing where it ends before.</summary>
    private volatile TaskCompletionSource<double?> _next = NewReport();

    private RunningWorkload(GuestProgram program, string group, IReadOnlyList<WorkloadRegion> regions)
    {
        _program = program;
        Group = group;
        Regions = regions;
        _ = ReadReportsAsync();
    }

    /// <summary>Its process.</summary>
    public int Id => _program.Id;

    /// <summary>The control group it runs in.</summary>
    public string Group { get; }

    /// <summary>Its regions, in the pattern's order.</summary>
    public IReadOnlyList<WorkloadRegion> Regions { get; }

    /// <summary>The size of all hot regions.</summary>
    public ulong HotBytes => Sum(hot: true);

    /// <summary>The size of all others.</summary>
    public ulong ColdBytes => Sum(hot: false);

    /// <summary>Waits until a workload just started is ready.</summary>
    public static async Task<RunningWorkload> WaitAsync(GuestProgram program, string group, CancellationToken cancellation)
    {
        var line = await program.ReadLineAsync(cancellation)
            ?? throw new ExpectationException($"the workload ended before it was ready: {await program.ErrorsAsync(cancellation)}");
        using var ready = JsonDocument.Parse(line);
        return new RunningWorkload(
            program,
            group,
            [.. ready.RootElement.GetProperty("regions").EnumerateArray().Select(region =>
                new WorkloadRegion(region.GetProperty("name").GetString()!, region.GetProperty("start").GetUInt64(), region.GetProperty("end").GetUInt64()))]);
    }

    /// <summary>Waits for its next report: by then it has accessed its hot memory for a while since the last one.</summary>
    /// <returns>Accesses a second since its last report.</returns>
    public async Task<double> NextReportAsync(CancellationToken cancellation) =>
        await _next.Task.WaitAsync(cancellation) ?? throw new ExpectationException($"the workload ended: {await _program.ErrorsAsync(cancellation)}");

    /// <summary>Bytes of its regions in swap. Its group may have more: programs lie in memory here, and a page-out takes pages of them too.</summary>
    public ulong SwapBytes(LabContext context) => context.Smaps(this, hot: true).SwapBytes + context.Smaps(this, hot: false).SwapBytes;

    /// <summary>Bytes of all hot, or all other, regions on a memory node.</summary>
    public ulong BytesOn(LabContext context, bool hot, int node)
    {
        var lines = context.Read($"/proc/{Id}/numa_maps").Split('\n').Where(line =>
        {
            var start = ulong.Parse(line.AsSpan(0, line.IndexOf(' ', StringComparison.Ordinal)), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            return Regions.Any(region => region.IsHot == hot && start >= region.Start && start < region.End);
        });
        return NumaMaps.Sum(string.Join('\n', lines)).GetValueOrDefault(node);
    }

    /// <summary>SIGKILL, and waits until it is gone.</summary>
    public Task KillAsync() => _program.KillAsync();

    private static TaskCompletionSource<double?> NewReport() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Somebody has to read them: once the pipe is full, which takes a minute and a half, the workload would stop and all of its memory be cold.</summary>
    private async Task ReadReportsAsync()
    {
        while (await _program.ReadLineAsync(CancellationToken.None) is { } line)
        {
            using var told = JsonDocument.Parse(line);
            if (told.RootElement.GetProperty("event").ValueEquals("progress"))
            {
                var report = _next;
                _next = NewReport();
                report.SetResult(told.RootElement.GetProperty("accessesPerSecond").GetDouble());
            }
        }

        _next.SetResult(null);
    }

    private ulong Sum(bool hot) => Regions.Where(region => region.IsHot == hot).Aggregate(0UL, (sum, region) => sum + region.SizeBytes);
}
