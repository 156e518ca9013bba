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

    /// <summary>Below this share of the speed without the engine, no noise of a machine explains it.</summary>
    public const double LastingHarm = 0.5;

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
    /// What the engine's passes cost, window by window, decides. The medians of whole stretches decide only where they leave no doubt: on a machine that others
    /// share they differ by a tenth and more without any engine, but a workload at less than half of its speed has been harmed in a way that lasts between passes.
    /// </summary>
    /// <param name="mode">The engine's mode while it was measured.</param>
    /// <param name="loss">What the passes cost.</param>
    /// <param name="with">The speed with the engine.</param>
    /// <param name="before">The speed without it, before.</param>
    /// <param name="after">The speed without it, after.</param>
    public static Check Throughput(string mode, PairedLoss loss, Throughput with, Throughput before, Throughput after)
    {
        var againstSlowerSide = Math.Max(with.RatioTo(before, before), with.RatioTo(after, after));
        var verdict = !(againstSlowerSide >= LastingHarm) ? Verdict.Broken
            : double.IsNaN(loss.Share) || loss.Share > ThroughputLoss ? Verdict.Broken
            : loss.Share + (2 * loss.StandardError) > ThroughputLoss ? Verdict.Unclear
            : Verdict.Held;
        return new Check(
            $"the workload loses at most {Text.Percent(ThroughputLoss)} of its speed during {mode}",
            $"{Text.SignedPercent(-loss.Share)}, give or take {Text.Percent(2 * loss.StandardError)}{(againstSlowerSide >= LastingHarm ? "" : $"; but with the engine it has only {Text.Percent(againstSlowerSide)} of its speed without")}",
            verdict);
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
