using System.Text.Json;

namespace Damon.Lab.Guest.Pods;

/// <summary>How a <c>damonctl run</c> ended.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Summary">The last thing it said.</param>
/// <param name="Errors">All of its standard error.</param>
internal sealed record AgentEnd(int ExitCode, JsonElement Summary, string Errors)
{
    /// <summary>A count of its one scheme.</summary>
    public ulong Count(string name) => Summary.GetProperty("schemes")[0].GetProperty(name).GetUInt64();

    /// <summary>Why it ended.</summary>
    public string Ended => Summary.GetProperty("ended").GetString()!;

    /// <summary>Processes that are no targets any more, as <c>pid: state</c>.</summary>
    public IReadOnlyList<string> EndedTargets =>
        [.. Summary.GetProperty("endedTargets").EnumerateArray().Select(target => $"{target.GetProperty("pid").GetInt32()}: {target.GetProperty("state").GetString()}")];
}
