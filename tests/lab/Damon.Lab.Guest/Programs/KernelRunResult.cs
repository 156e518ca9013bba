using System.Text.Json;

namespace Damon.Lab.Guest.Programs;

/// <summary>How a run ended.</summary>
/// <param name="ExitCode">As documented.</param>
/// <param name="Errors">Its standard error.</param>
/// <param name="Events">All that it printed.</param>
internal sealed record KernelRunResult(int ExitCode, string Errors, IReadOnlyList<JsonElement> Events)
{
    public JsonElement Summary => Events[^1];

    public string Ended => Summary.GetProperty("ended").GetString()!;

    public int Restarts => Summary.GetProperty("kernel").GetProperty("restarts").GetInt32();

    /// <summary>All of it, for a failure's message.</summary>
    public override string ToString() => $"exit code {ExitCode}, errors '{Errors}', last event {(Events.Count > 0 ? Events[^1].GetRawText() : "none")}";
}
