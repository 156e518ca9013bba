using System.Text.Json;
using Damon.Lab.Guest.Running;

namespace Damon.Lab.Guest.Programs;

/// <summary>A workload whose memory is all there and whose first phase has begun.</summary>
public sealed class RunningWorkload
{
    private readonly GuestProgram _program;

    private RunningWorkload(GuestProgram program, string group, IReadOnlyList<WorkloadRegion> regions)
    {
        _program = program;
        Group = group;
        Regions = regions;
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
    public async Task<double> NextReportAsync(CancellationToken cancellation)
    {
        while (await _program.ReadLineAsync(cancellation) is { } line)
        {
            using var told = JsonDocument.Parse(line);
            if (told.RootElement.GetProperty("event").ValueEquals("progress"))
                return told.RootElement.GetProperty("accessesPerSecond").GetDouble();
        }

        throw new ExpectationException($"the workload ended: {await _program.ErrorsAsync(cancellation)}");
    }

    /// <summary>SIGKILL, and waits until it is gone.</summary>
    public Task KillAsync() => _program.KillAsync();

    private ulong Sum(bool hot) => Regions.Where(region => region.IsHot == hot).Aggregate(0UL, (sum, region) => sum + region.SizeBytes);
}
