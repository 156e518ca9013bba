using System.Globalization;
using Damon.Demo.Reports;
using Damon.Engine.Machine;

namespace Damon.Demo.Acts;

/// <summary>
/// <c>damonctl run</c> on the shipped scheme. Everything that makes it quicker than one would have it in earnest stands here and is printed: the sample
/// gives memory two minutes to prove that it is cold, and the demonstration has not got two minutes.
/// </summary>
/// <param name="Backend">How it senses.</param>
/// <param name="Mode">Observe or Enforce.</param>
/// <param name="ProcessId">The workload.</param>
/// <param name="Duration">How long.</param>
/// <param name="AcceptsUnmeasurableRails">The kernel measures no memory pressure, so that the rail that watches it has to be waived.</param>
internal sealed record EngineCommand(MonitoringBackend Backend, string Mode, int ProcessId, TimeSpan Duration, bool AcceptsUnmeasurableRails)
{
    public const string Scheme = "deploy/samples/reclaim-cold.yaml";

    /// <summary>
    /// One sample an aggregation: a pass over half a gigabyte is not cheap, and the engine lengthens the sample interval, and with it the aggregation, where it
    /// costs too much.
    /// </summary>
    private static readonly string[] Settings =
        ["monitoring.sampleInterval=4s", "monitoring.aggregationInterval=4s", "pattern.age.min=4s", "quota.size=512Mi"];

    /// <summary>
    /// What ships is compiled ahead of time; the build that runs here is not. Without this its hot methods would be compiled twice, and in so short a run
    /// that would be most of the CPU time it uses.
    /// </summary>
    public static IReadOnlyDictionary<string, string> Environment { get; } = new Dictionary<string, string>(StringComparer.Ordinal) { ["DOTNET_TieredCompilation"] = "0" };

    /// <summary>The command as it is shown.</summary>
    public static string ShownProgram { get; } = string.Join(' ', [.. Environment.Select(variable => $"{variable.Key}={variable.Value}"), "damonctl"]);

    public IReadOnlyList<string> Arguments =>
    [
        "run", "-f", Scheme,
        "--backend", Backend.ToString(),
        "--mode", Mode,
        .. Settings.SelectMany(setting => (string[])["--set", setting]),
        "--pid", ProcessId.ToString(CultureInfo.InvariantCulture),
        "--duration", Text.Option(Duration),
        "--start-grace", "1s",
        "--accept", "ForeignKdamond",
        .. AcceptsUnmeasurableRails ? (string[])["--accept", "RailUnmeasurable"] : [],
        "-o", "json",
    ];
}
