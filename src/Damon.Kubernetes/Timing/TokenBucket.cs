namespace Damon.Kubernetes.Timing;

/// <summary>So many at once, and so many a second in the long run. Reservations may be made ahead: then they say how long to wait. For callers that hold a lock of their own.</summary>
internal sealed class TokenBucket(double perSecond, int burst, TimeProvider time)
{
    private double _tokens = burst;
    private long _at = time.GetTimestamp();

    /// <summary>Takes one token, and says after how long it may be used.</summary>
    public TimeSpan Reserve()
    {
        Refill();
        _tokens--;
        return _tokens >= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(-_tokens / perSecond);
    }

    /// <summary>Takes one token if there is one now.</summary>
    public bool TryTake()
    {
        Refill();
        if (_tokens < 1)
            return false;
        _tokens--;
        return true;
    }

    /// <summary>Whether nothing has been taken lately: the bucket is as good as a new one.</summary>
    public bool IsFull()
    {
        Refill();
        return _tokens >= burst;
    }

    private void Refill()
    {
        var now = time.GetTimestamp();
        _tokens = Math.Min(burst, _tokens + (time.GetElapsedTime(_at, now).TotalSeconds * perSecond));
        _at = now;
    }
}
