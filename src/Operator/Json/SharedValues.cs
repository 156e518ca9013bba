namespace Damon.Operator.Json;

/// <summary>
/// Values made from JSON that thousands of objects repeat: made once for as long as somebody holds one, found by the digest of the JSON. For several threads.
/// </summary>
/// <typeparam name="T">Of what never changes.</typeparam>
/// <param name="make">Makes one.</param>
internal sealed class SharedValues<T>(SharedValues<T>.Maker make)
    where T : class
{
    private const int LeastPruned = 256;

    private readonly Lock _gate = new();
    private readonly Dictionary<Digest, WeakReference<T>> _values = [];
    private int _pruneAt = LeastPruned;

    /// <summary>Makes a value.</summary>
    /// <param name="utf8">The JSON.</param>
    public delegate T Maker(ReadOnlySpan<byte> utf8);

    /// <summary>How many are remembered, some of which nobody may hold any more.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _values.Count;
        }
    }

    /// <summary>The value of a JSON.</summary>
    public T Get(ReadOnlySpan<byte> utf8)
    {
        var digest = Digest.Of(utf8);
        lock (_gate)
        {
            if (_values.TryGetValue(digest, out var known) && known.TryGetTarget(out var value))
                return value;
        }

        // Made outside of the lock: two who make the same at once each get one, and the later one is shared from then on.
        var made = make(utf8);
        lock (_gate)
        {
            _values[digest] = new(made);
            if (_values.Count >= _pruneAt)
                Prune();
        }

        return made;
    }

    private void Prune()
    {
        foreach (var (digest, value) in _values)
        {
            if (!value.TryGetTarget(out _))
                _values.Remove(digest);
        }

        _pruneAt = Math.Max(LeastPruned, _values.Count * 2);
    }
}
