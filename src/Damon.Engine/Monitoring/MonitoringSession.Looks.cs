namespace Damon.Engine.Monitoring;

/// <content>Looks that are carried out elsewhere: what does not come back in time is a look that was missed, for its target alone.</content>
public sealed partial class MonitoringSession
{
    private const string NotBack = "a look at it has not come back from the kernel";

    private readonly IProbeRunner? _runner;

    /// <summary>The targets that are looked at in this pass, and at the same place their looks.</summary>
    private readonly List<SessionTarget> _asked = [];
    private readonly List<ProbeLook> _looks = [];

    private int PrepareElsewhere(IProbeRunner runner)
    {
        var probes = 0;
        BeginAsking();
        foreach (var target in _targets)
        {
            target.Prepared = false;
            if (!target.IsServed || !IsHere(target))
            {
                continue;
            }

            target.Regions.PickSampleAddresses(_random);
            target.Look!.AskPrepare(target.Regions);
            Ask(target);
            probes += target.Regions.Count;
        }

        runner.Run(_looks);
        foreach (var target in _asked)
        {
            target.Prepared = Take(target) == ProbeOutcome.Ok;
        }

        return probes;
    }

    private void CheckElsewhere(IProbeRunner runner)
    {
        BeginAsking();
        foreach (var target in _targets)
        {
            if (target.Prepared && target.Regions.Count > 0 && IsHere(target))
            {
                target.Look!.AskCheck(target.Regions);
                Ask(target);
            }
        }

        runner.Run(_looks);
        foreach (var target in _asked)
        {
            if (Take(target) == ProbeOutcome.Ok)
            {
                Count(target, target.Look!.Seen);
            }
        }
    }

    /// <summary>Reads an address space into the session's own list.</summary>
    private ProbeOutcome ReadRangesElsewhere(IProbeRunner runner, SessionTarget target)
    {
        _ranges.Clear();
        if (!IsHere(target))
        {
            return ProbeOutcome.TryAgain;
        }

        BeginAsking();
        target.Look!.AskLayout();
        Ask(target);
        runner.Run(_looks);
        var outcome = Take(target);
        if (outcome == ProbeOutcome.Ok)
        {
            foreach (var range in target.Look.Ranges.Ranges)
            {
                _ranges.Add(range);
            }
        }

        return outcome;
    }

    private void BeginAsking()
    {
        _asked.Clear();
        _looks.Clear();
    }

    private void Ask(SessionTarget target)
    {
        _asked.Add(target);
        _looks.Add(target.Look!);
    }

    private static bool IsHere(SessionTarget target)
    {
        if (target.Look!.IsHere())
        {
            return true;
        }

        Note(target, ProbeOutcome.TryAgain, NotBack);
        return false;
    }

    private static ProbeOutcome Take(SessionTarget target)
    {
        if (!target.Look!.TryTake(out var outcome, out var error))
        {
            error = NotBack;
        }

        Note(target, outcome, error);
        return outcome;
    }
}
