namespace Damon.NodeAgent.Safety;

/// <summary>
/// What two counters grew by over a sliding window. Of the readings only one in each part of the window is kept, so the window that is looked at is between one and one part longer than asked for;
/// while less time has passed, it is what has passed.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="parts">Into how many parts the window is divided.</param>
internal sealed class CounterWindow(TimeProvider time, int parts)
{
    private readonly Reading[] _readings = new Reading[parts + 2];
    private int _oldest;
    private int _count;
    private Reading _latest;

    /// <summary>Since when the growth is counted.</summary>
    public TimeSpan Elapsed => _count == 0 ? TimeSpan.Zero : time.GetElapsedTime(Oldest.At, _latest.At);

    public ulong FirstGrowth => _latest.First - Oldest.First;

    public ulong SecondGrowth => _latest.Second - Oldest.Second;

    private Reading Oldest => _count == 0 ? _latest : _readings[_oldest];

    /// <summary>Takes a reading of both counters. One that has fallen was reset, and the window begins anew.</summary>
    public void Add(ulong first, ulong second, TimeSpan window)
    {
        var reading = new Reading(time.GetTimestamp(), first, second);
        if (_count > 0 && (first < _latest.First || second < _latest.Second))
        {
            _count = 0;
        }

        _latest = reading;

        // The oldest may go once the next one is as old as the window.
        while (_count > 1 && time.GetElapsedTime(_readings[(_oldest + 1) % _readings.Length].At, reading.At) >= window)
        {
            _oldest = (_oldest + 1) % _readings.Length;
            _count--;
        }

        if (_count == 0 || (_count < _readings.Length && time.GetElapsedTime(_readings[(_oldest + _count - 1) % _readings.Length].At, reading.At) >= window / parts))
        {
            _readings[(_oldest + _count) % _readings.Length] = reading;
            _count++;
        }
    }

    /// <summary>The window begins anew with the last reading.</summary>
    public void Restart()
    {
        _oldest = 0;
        _readings[0] = _latest;
        _count = 1;
    }

    private readonly record struct Reading(long At, ulong First, ulong Second);
}
