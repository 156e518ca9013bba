namespace Damon.NodeAgent.Safety;

/// <summary>
/// The memory of a rail: it holds from the moment that something is over its limit until that has not been for a whole calm period, and then gives half of the budget for another one. A fault that
/// was caused by acting is met at half the strength first, and a limit that is touched again and again does not flutter.
/// </summary>
internal sealed class RailLatch
{
    private const double HalfBudget = 0.5;

    private long _lastOver;
    private long _halfSince;
    private bool _isHalf;

    public bool IsHolding { get; private set; }

    /// <summary>How often it began to hold.</summary>
    public ulong Trips { get; private set; }

    public double BudgetFactor => IsHolding ? 0 : _isHalf ? HalfBudget : 1;

    /// <summary>Takes a finding into account. What could not be measured is no calm: then this is not called, or <see cref="Extend"/> is.</summary>
    /// <returns>Whether it began to hold just now.</returns>
    public bool Update(bool isOver, TimeSpan calm, TimeProvider time)
    {
        var now = time.GetTimestamp();
        if (isOver)
        {
            var begins = !IsHolding;
            Trips += begins ? 1UL : 0;
            IsHolding = true;
            _isHalf = false;
            _lastOver = now;
            return begins;
        }

        if (IsHolding && time.GetElapsedTime(_lastOver, now) >= calm)
        {
            IsHolding = false;
            _isHalf = true;
            _halfSince = now;
        }
        else if (_isHalf && time.GetElapsedTime(_halfSince, now) >= calm)
        {
            _isHalf = false;
        }

        return false;
    }

    /// <summary>The calm period begins anew: nothing could be seen.</summary>
    public void Extend(TimeProvider time)
    {
        _lastOver = time.GetTimestamp();
        _halfSince = _lastOver;
    }
}
