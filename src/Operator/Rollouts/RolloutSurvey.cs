namespace Damon.Operator.Rollouts;

/// <summary>How the nodes of a scheme stand towards the version that is rolled out.</summary>
public readonly record struct RolloutSurvey
{
    /// <summary>Nodes that are reachable and can do it.</summary>
    public int Able { get; init; }

    /// <summary>Nodes that are out of reach, but not for so long that nobody waits for them: their agents may only just begin.</summary>
    public int MayAnswer { get; init; }

    /// <summary>Nodes that have the acting form in their plan, reachable or not.</summary>
    public int Admitted { get; init; }

    /// <summary>Nodes that were granted and do not have it in their plan yet.</summary>
    public int Granted { get; init; }

    /// <summary>Of the granted and admitted: those that have not taken it up and are not lost.</summary>
    public int UnderWay { get; init; }

    /// <summary>Of the admitted: degraded or lost.</summary>
    public int Degraded { get; init; }

    /// <summary>Of the admitted: out of reach, but not lost yet.</summary>
    public int Uncertain { get; init; }

    /// <summary>Of the admitted: where a rail began to hold since.</summary>
    public int Tripped { get; init; }

    /// <summary>Reachable nodes that have not taken up what they should have for now.</summary>
    public int Awaited { get; init; }

    /// <summary>Nodes that could be admitted next.</summary>
    public int Candidates { get; init; }

    /// <summary>Of those: nodes that have targets and may act, so that something can be learned from them.</summary>
    public int CanaryCandidates { get; init; }

    /// <summary>Nodes that were let in.</summary>
    public int Given => Admitted + Granted;

    /// <summary>Whether nobody can be asked yet, and somebody may be soon: then it is not known what the scheme comes to.</summary>
    public bool IsTooEarly => Able == 0 && MayAnswer > 0;
}
