namespace Damon.Demo.Measures;

/// <summary>
/// When the engine's process used a CPU, looked at from outside again and again. Between its passes the engine sleeps: that is what tells stretches with it
/// from stretches without it, however fast the machine itself is at the time.
/// </summary>
internal sealed class EngineActivity
{
    private readonly List<(long At, TimeSpan Cpu)> _looks = [];

    /// <summary>Notes a look.</summary>
    /// <param name="atNanoseconds">When, on CLOCK_MONOTONIC; not before the last look.</param>
    /// <param name="cpu">CPU time used so far; less than at the last look where a thread has ended.</param>
    public void Note(long atNanoseconds, TimeSpan cpu) => _looks.Add((atNanoseconds, cpu));

    /// <summary>CPU time used in a stretch, the looks around it included: never too little.</summary>
    public TimeSpan CpuWithin(ClockSpan span)
    {
        var used = TimeSpan.Zero;
        for (var i = 1; i < _looks.Count; i++)
        {
            if (_looks[i].At > span.FromNanoseconds && _looks[i - 1].At < span.ToNanoseconds && _looks[i].Cpu > _looks[i - 1].Cpu)
                used += _looks[i].Cpu - _looks[i - 1].Cpu;
        }

        return used;
    }
}
