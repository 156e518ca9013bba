using Damon.Demo.Measures;
using Damon.Demo.Reports;

namespace Damon.Demo.Verdicts;

/// <summary>The promises of the demonstration; docs/demo.md states the same figures. A figure that could not be measured is not a number and holds nothing.</summary>
internal static class Bounds
{
    public const double ColdLeaves = 0.90;
    public const double HotLeaves = 0.01;
    public const double Prediction = 0.10;
    public const double ThroughputLoss = 0.05;
    public const double EngineCpu = 0.02;

    /// <param name="beforeBytes">Resident before; above 0.</param>
    /// <param name="afterBytes">Resident after.</param>
    public static Check Cold(ulong beforeBytes, ulong afterBytes)
    {
        var share = ShareThatLeft(beforeBytes, afterBytes);
        return new Check($"at least {Text.Percent(ColdLeaves)} of the cold bytes left memory", $"{Text.Percent(share)} left", share >= ColdLeaves);
    }

    /// <param name="beforeBytes">Resident before; above 0.</param>
    /// <param name="lowestBytes">The least that was resident at any look since.</param>
    public static Check Hot(ulong beforeBytes, ulong lowestBytes)
    {
        var share = ShareThatLeft(beforeBytes, lowestBytes);
        return new Check($"less than {Text.Percent(HotLeaves)} of the hot bytes did", $"{Text.Percent(share)} left", share < HotLeaves);
    }

    /// <param name="predictedBytes">What Observe said would be away.</param>
    /// <param name="freedBytes">By how much the process's resident memory shrank; negative where it grew.</param>
    public static Check Predicted(ulong predictedBytes, long freedBytes)
    {
        var difference = freedBytes <= 0 ? double.NaN : (predictedBytes - (double)freedBytes) / freedBytes;
        return new Check($"Observe predicted what Enforce freed, within {Text.Percent(Prediction)}", Text.SignedPercent(difference), Math.Abs(difference) <= Prediction);
    }

    /// <summary>
    /// The speed with the engine against that shortly before and shortly after. Where these two differ by more than the bound, or the workload waited that
    /// long for a CPU that others had, the machine is not quiet: what is lost then may be their doing, and only a speed kept against either side says something.
    /// </summary>
    /// <param name="mode">The engine's mode while it was measured.</param>
    /// <param name="with">The speed with the engine.</param>
    /// <param name="before">The speed without it, before.</param>
    /// <param name="after">The speed without it, after.</param>
    /// <param name="waitedForOthers">Share of the time for which the workload waited for a CPU that neither it nor the engine had; the most of the three. Not a number where unknown.</param>
    public static Check Throughput(string mode, Throughput with, Throughput before, Throughput after, double waitedForOthers)
    {
        var ratio = with.RatioTo(before, after);
        var drift = after.RatioTo(before, before) - 1;
        var quiet = !(Math.Abs(drift) > ThroughputLoss || waitedForOthers > ThroughputLoss);
        var verdict = double.IsNaN(ratio) ? Verdict.Broken
            : quiet ? (Keeps(ratio) ? Verdict.Held : Verdict.Broken)
            : Keeps(with.RatioTo(before, before)) && Keeps(with.RatioTo(after, after)) ? Verdict.Held
            : Verdict.Unclear;
        var note = quiet ? ""
            : $"; the machine is not quiet: without the engine the speed changed by {Text.SignedPercent(drift)}, and others kept a CPU from the workload for up to {Text.Percent(waitedForOthers)} of the time";
        return new Check($"the workload loses at most {Text.Percent(ThroughputLoss)} of its speed during {mode}", Text.SignedPercent(ratio - 1) + note, verdict);

        static bool Keeps(double ratio) => ratio >= 1 - ThroughputLoss;
    }

    /// <param name="mode">The engine's mode.</param>
    /// <param name="share">Share of one CPU.</param>
    public static Check Cpu(string mode, double share) =>
        new($"the engine uses less than {Text.Percent(EngineCpu)} of one CPU during {mode}", Text.Percent(share), share < EngineCpu);

    /// <param name="beforeBytes">Resident of the mixed mapping before.</param>
    /// <param name="lowestBytes">The least that was resident at any look since.</param>
    public static Check MixedStays(ulong beforeBytes, ulong lowestBytes) => new(
        "nothing of the mixed mapping left memory", $"{Text.Bytes(beforeBytes - Math.Min(beforeBytes, lowestBytes))} left", beforeBytes > 0 && lowestBytes >= beforeBytes);

    /// <param name="reportedBytes">What the engine says it left alone as MixedMapping.</param>
    /// <param name="mappingBytes">The mapping's size.</param>
    public static Check MixedReported(ulong reportedBytes, ulong mappingBytes) =>
        new($"the engine names MixedMapping for all {Text.Bytes(mappingBytes)} of it", $"{Text.Bytes(reportedBytes)} named", mappingBytes > 0 && reportedBytes >= mappingBytes);

    private static double ShareThatLeft(ulong beforeBytes, ulong afterBytes) =>
        beforeBytes == 0 ? double.NaN : (beforeBytes - (double)Math.Min(beforeBytes, afterBytes)) / beforeBytes;
}
