using Damon.Demo.Events;
using Damon.Demo.Measures;

namespace Damon.Demo.Acts;

/// <summary>One run of <c>damonctl run</c>, from its start to its end.</summary>
/// <param name="ExitCode">What it ended with.</param>
/// <param name="Errors">What it wrote to its standard error.</param>
/// <param name="Summary">Its last word; nothing where there was none.</param>
/// <param name="LastSampleIntervalMs">The sample interval at its last report; nothing without one.</param>
/// <param name="UnreadLines">Lines of its output that were not understood.</param>
/// <param name="TotalCpu">CPU time of its process at its last report, seen from outside: its runtime's start and compiling included.</param>
/// <param name="SteadyCpuShare">The same between its first and last report, as a share of one CPU; not a number with fewer than two.</param>
/// <param name="Activity">When its process used a CPU.</param>
internal sealed record EngineRun(
    int ExitCode, string Errors, EngineSummary? Summary, double? LastSampleIntervalMs, int UnreadLines, TimeSpan TotalCpu, double SteadyCpuShare, EngineActivity Activity)
{
    /// <summary>Its exit code for "this machine cannot do what was asked"; damonctl's own interface.</summary>
    private const int Unsupported = 3;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(25);

    /// <summary>Why the machine cannot do it; nothing where it can.</summary>
    public string? Refusal => ExitCode == Unsupported ? Errors : null;

    /// <summary>What went wrong; nothing where nothing did.</summary>
    public string? Failure => ExitCode == 0 && Summary?.Ended == "Duration" ? null
        : $"damonctl run ended with code {ExitCode}{(Summary is null ? ", without a summary that can be read" : $" ({Summary.Ended})")}{(Errors.Length == 0 ? "" : ": " + Errors)}";

    /// <summary>Runs it.</summary>
    /// <param name="stage">The programs and the clock.</param>
    /// <param name="command">What to run.</param>
    /// <param name="onAggregation">Is told each report, when it comes.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <exception cref="OperationCanceledException">It was ended, or did not end by itself in time.</exception>
    public static async Task<EngineRun> RunAsync(Stage stage, EngineCommand command, Action<EngineAggregation> onAggregation, CancellationToken cancellation)
    {
        using var tooLong = new CancellationTokenSource(command.Duration + Patience, stage.Time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation, tooLong.Token);
        await using var child = stage.Programs.Start(stage.Programs.Damonctl, command.Arguments, stage.Time, EngineCommand.Environment);

        var activity = new EngineActivity();
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(ending.Token);
        var watching = WatchAsync(stage, child.Id, activity, ended.Token);

        EngineSummary? summary = null;
        var unread = 0;
        double? sampleIntervalMs = null;
        (long At, TimeSpan Cpu)? first = null;
        var last = (At: 0L, Cpu: TimeSpan.Zero);
        while (await child.ReadLineAsync(ending.Token) is { } line)
        {
            // Before anything else: the process may be gone a moment after its last line.
            if (stage.Observer.CpuTime(child.Id) is { } cpu)
                last = (stage.Time.GetTimestamp(), cpu);

            switch (EngineEvent.Read(line))
            {
                case EngineAggregation aggregation:
                    first ??= last;
                    sampleIntervalMs = aggregation.SampleIntervalMs;
                    onAggregation(aggregation);
                    break;
                case EngineSummary read:
                    summary = read;
                    break;
                case null:
                    unread++;
                    break;
            }
        }

        var errors = await child.EndAsync(ending.Token);
        await ended.CancelAsync();
        await watching;
        var share = first is { } begin && last.At > begin.At ? (last.Cpu - begin.Cpu) / stage.Time.GetElapsedTime(begin.At, last.At) : double.NaN;
        return new EngineRun(child.ExitCode, errors, summary, sampleIntervalMs, unread, last.Cpu, share, activity);
    }

    private static async Task WatchAsync(Stage stage, int processId, EngineActivity activity, CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested && stage.Observer.CpuOfThreads(processId) is { } cpu)
        {
            activity.Note(ClockSpan.Now(stage.Time), cpu);
            await Task.Delay(LookEvery, stage.Time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
