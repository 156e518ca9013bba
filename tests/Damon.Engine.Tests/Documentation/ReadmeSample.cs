using System.Diagnostics.CodeAnalysis;
using Damon.Engine.Actions;
using Damon.Engine.Host;
using Damon.Engine.Monitoring;
using Damon.Engine.Probes;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;

namespace Damon.Engine.Tests.Documentation;

/// <summary>The program in the package's README, compiled. Not run: it waits for minutes, and for a machine with idle-page tracking.</summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "What a reader's program does, not ours.")]
internal static class ReadmeSample
{
    public static void Run(int pid)
    {
        // Begin
        var host = new HostRoot("/");
        var process = ProcessTree.Identify(host, pid).Value;
        var plan = new MonitoringPlan(
            MonitoringIntervals.Default,
            RegionLimits.Default,
            [new SchemeDescription("cold", SchemeAction.Pageout, new AccessPattern { MaxRate = AccessRate.Never, MinAge = TimeSpan.FromMinutes(2) })]);
        var random = new RandomSource(seed: 1);
        using var session = new MonitoringSession(plan, new AdaptiveRegionPolicy(plan.Limits), random, TimeProvider.System);
        session.AddTarget(process.Pid, IdlePageProbe.Open(host, process).Value, ProcessMadviseActor.Open(host, process, TimeProvider.System).Value);
        while (session.Targets.Count > 0 && session.Elapsed < TimeSpan.FromMinutes(10))
        {
            session.BeginSample();
            Thread.Sleep(session.Intervals.Sample);
            session.EndSample();
        }

        Console.WriteLine($"cold for two minutes: {session.Schemes[0].Statistics.MatchedNowBytes} bytes");

        // End
    }
}
