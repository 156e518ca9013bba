using Damon.Demo.Events;
using Damon.Demo.Reports;
using Damon.Engine.Machine;

namespace Damon.Demo.Acts;

/// <summary>What the demonstration found here, what <c>damonctl doctor</c> would choose, and what the demonstration therefore asks for.</summary>
/// <param name="stage">What it is given.</param>
internal sealed class MachineAct(Stage stage)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>Narrates; changes nothing.</summary>
    /// <exception cref="OperationCanceledException">It was ended early.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var facts = stage.Facts;
        stage.Report.Section("This machine");
        stage.Report.Say($"Linux {facts.Kernel.Text}, {Environment.ProcessorCount} CPUs, {Text.Bytes(facts.Memory.AvailableBytes)} available, swap {(facts.Memory.SwapTotalBytes == 0 ? "none" : Text.Bytes(facts.Memory.SwapTotalBytes))}, memory pressure {(facts.HasMemoryPressure ? "measured" : "not measured by this kernel")}.");
        if (await AskDoctorAsync(cancellation) is { } answer)
            stage.Report.Say(answer);

        stage.Report.Say(stage.Backend == MonitoringBackend.IdlePage
            ? "The demonstration asks for backend IdlePage in act 1: it sees single pages and has no side effects."
            : $"The demonstration asks for backend {MonitoringBackend.Referenced} by name: {facts.Backend(MonitoringBackend.IdlePage).Message} Referenced works on any kernel, but it sees whole mappings only, it clears the accessed bits that the kernel's own aging needs, and it holds the process's memory lock for some milliseconds at each sample. Hence it is never chosen unless it is named. Here it is aimed at nothing but the demonstration's own process.");
        stage.Report.Say("With --accept ForeignKdamond it also runs beside a kernel DAMON thread that is not ours; both would read and clear accessed bits, here of the demonstration's own process only.");
        if (!facts.HasMemoryPressure)
            stage.Report.Say("With --accept RailUnmeasurable it also runs where the kernel measures no memory pressure (PSI), which would otherwise count as pressure.");
    }

    /// <summary>Asks, and takes silence, an error or an unknown answer for "no answer": nothing depends on it.</summary>
    private async Task<string?> AskDoctorAsync(CancellationToken cancellation)
    {
        using var tooLong = new CancellationTokenSource(Patience, stage.Time);
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellation, tooLong.Token);
        try
        {
            await using var doctor = stage.Programs.Start(stage.Programs.Damonctl, ["doctor", "-o", "json"], stage.Time);
            List<string> lines = [];
            while (await doctor.ReadLineAsync(waiting.Token) is { } line)
                lines.Add(line);
            await doctor.EndAsync(waiting.Token);
            return Answer(string.Join('\n', lines));
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>The doctor's choice in one sentence; nothing where this is not its answer.</summary>
    /// <param name="json">The output of <c>damonctl doctor -o json</c>.</param>
    public static string? Answer(string json)
    {
        if (!JsonFields.TryParse(json, out var answer) || !answer.TryObject("auto", out var auto) || !auto.TryText("message", out var message))
            return null;

        var choice = auto.TryText("backend", out var backend) ? $"would choose backend {backend} here" : "would choose no backend here by itself";
        return $"damonctl doctor {choice}. {message}";
    }
}
