namespace Damon.Engine.Schemes;

/// <summary>
/// One group's part of a scheme's budget, and where its next window goes on. A group has a place of its own because it can be used up while others go on: with the
/// scheme's place alone its head would be served again and again.
/// </summary>
internal sealed class GroupBudget(QuotaWindow window)
{
    /// <summary>Bytes charged in this window.</summary>
    public ulong ChargedBytes { get; private set; }

    /// <summary>How much of its limit it may use, from 0 to 1.</summary>
    public double Share { get; set; } = 1;

    public ulong LeftBytes => LimitBytes > ChargedBytes ? LimitBytes - ChargedBytes : 0;

    /// <summary>A group without a limit of its own takes its share of the whole budget, which bounds it even where nobody else wants any of it.</summary>
    private ulong LimitBytes
    {
        get
        {
            var whole = window.Quota.PerGroupBytes > 0 ? window.Quota.PerGroupBytes : window.EffectiveBytes;
            return Share >= 1 || (whole == ulong.MaxValue && Share > 0) ? whole : (ulong)(whole * Share);
        }
    }

    public bool IsFull => LeftBytes < window.MinRegionBytes;

    /// <summary>The target at which the group's used-up budget stopped; −1 for none.</summary>
    public int ResumeTarget { get; private set; } = -1;

    public ulong ResumeAddress { get; private set; }

    /// <summary>Matching bytes by score, for this pass.</summary>
    public ulong[] BytesByScore { get; } = new ulong[RegionScore.Max + 1];

    /// <summary>Only the group's regions of this score or above are acted on in this pass.</summary>
    public int MinScore { get; private set; }

    /// <summary>Whether this pass has yet to reach the place where the group goes on.</summary>
    public bool IsBeforeResume { get; private set; }

    /// <summary>Whether its budget was used up in this pass. What failed actions give back after that is for the next pass, which goes on at the remembered place.</summary>
    public bool HasStopped => ResumeTarget >= 0 && !IsBeforeResume;

    /// <summary>Where the group's round ends: the place at which this pass took it up; −1 where it has none.</summary>
    public int RoundTarget { get; private set; } = -1;

    public ulong RoundAddress { get; private set; }

    /// <summary>Whether nothing was charged in the last window, so that there is nothing to remember.</summary>
    private bool WasIdle { get; set; }

    public void Charge(ulong bytes) => ChargedBytes = QuotaWindow.Add(ChargedBytes, bytes);

    public void Return(ulong bytes) => ChargedBytes -= Math.Min(bytes, ChargedBytes);

    /// <summary>Begins a window.</summary>
    /// <returns>Whether the group is still worth remembering.</returns>
    public bool Roll()
    {
        var isIdle = ChargedBytes == 0 && ResumeTarget < 0;
        var forget = isIdle && WasIdle;
        WasIdle = isIdle;
        ChargedBytes = 0;
        return !forget;
    }

    /// <summary>Begins a pass.</summary>
    /// <param name="resumeTargetExists">Whether the target where it stopped is still there; its place goes with it.</param>
    public void BeginPass(bool resumeTargetExists)
    {
        if (!resumeTargetExists)
        {
            ResumeTarget = -1;
        }

        IsBeforeResume = ResumeTarget >= 0;
        RoundTarget = -1;
    }

    /// <summary>The pass has come to the place where the group goes on; the round ends there again.</summary>
    public void TakeUp()
    {
        (RoundTarget, RoundAddress) = (ResumeTarget, ResumeAddress);
        ResumeTarget = -1;
        IsBeforeResume = false;
    }

    /// <summary>The round has come back to where it began.</summary>
    public void EndRound() => RoundTarget = -1;

    /// <summary>Remembers where the budget was used up. A place that is remembered already is the earlier one, and stays.</summary>
    public void StopAt(int target, ulong address)
    {
        if (ResumeTarget < 0)
        {
            (ResumeTarget, ResumeAddress) = (target, address);
        }
    }

    /// <summary>Finds the lowest score that the group has room for, and adds what it can take at each score to the scheme's sums.</summary>
    public void Fold(ulong[] into)
    {
        var left = LeftBytes;
        MinScore = RegionScore.Max;
        for (var score = RegionScore.Max; score >= 0; score--)
        {
            MinScore = score;
            var taken = Math.Min(left, BytesByScore[score]);
            into[score] = QuotaWindow.Add(into[score], taken);
            left -= taken;
            if (left == 0)
            {
                break;
            }
        }
    }
}
