namespace Damon.Patterns;

/// <summary>Says which phase of a pattern is on at a time. Pure: the tool, the simulation and the judge of a result all ask it and cannot disagree.</summary>
public static class PatternClock
{
    /// <summary>
    /// The phase at a time. A phase is on from its start up to, not including, its end; phases marked <see cref="PatternPhase.Once"/> are left out of every
    /// round but the first.
    /// </summary>
    /// <param name="pattern">The pattern, as its reader gives it: phases marked once in front, at least one that is not.</param>
    /// <param name="t">Time since the pattern started, zero or more.</param>
    /// <param name="intoPhase">Time since the phase started.</param>
    /// <param name="occurrence">How many times the phase was on before; stays at its largest value once it is reached.</param>
    /// <returns>The phase.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The time is negative.</exception>
    /// <exception cref="ArgumentException">No phase is repeated.</exception>
    public static PatternPhase PhaseAt(this WorkloadPattern pattern, TimeSpan t, out TimeSpan intoPhase, out int occurrence)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(t, TimeSpan.Zero);
        occurrence = 0;
        var rest = t.Ticks;
        var round = 0L;
        foreach (var phase in pattern.Phases)
        {
            if (!phase.Once)
                round += phase.Duration.Ticks;
            else if (rest < phase.Duration.Ticks)
            {
                intoPhase = new(rest);
                return phase;
            }
            else
                rest -= phase.Duration.Ticks;
        }

        if (round <= 0)
            throw new ArgumentException("No phase of the pattern is repeated.", nameof(pattern));
        occurrence = (int)Math.Min(rest / round, int.MaxValue);
        rest %= round;
        foreach (var phase in pattern.Phases)
        {
            if (phase.Once)
                continue;
            if (rest < phase.Duration.Ticks)
            {
                intoPhase = new(rest);
                return phase;
            }

            rest -= phase.Duration.Ticks;
        }

        throw new InvalidOperationException("A time within a round belongs to one of its phases.");
    }
}
