namespace Damon.Engine.KernelDamon;

/// <summary>
/// Which place of a context belongs to whom. The kernel knows targets and schemes by their place only: what it has learned, counted and charged stays with the place, so a place must
/// not change while its owner lives, and must not pass to another owner before the kernel has seen it empty once.
/// </summary>
/// <typeparam name="TKey">The owner's identity; one that cannot be recycled, such as a process with its start time.</typeparam>
/// <param name="capacity">The most places.</param>
/// <remarks>For one thread. Places are never taken away: a context has as many as were in use at once.</remarks>
public sealed class SlotTable<TKey>(int capacity)
    where TKey : notnull
{
    private readonly Dictionary<TKey, int> _places = [];

    /// <summary>Emptied places, with whose they were and when: until the kernel has seen them empty they are nobody else's.</summary>
    private readonly Dictionary<int, (TKey Owner, long Revision)> _emptied = [];
    private readonly SortedSet<int> _free = [];

    /// <summary>How many places there are, empty ones too.</summary>
    public int Count { get; private set; }

    /// <summary>How many have an owner.</summary>
    public int OwnedCount => _places.Count;

    /// <summary>Rises with each place that is emptied. Take it before a context is built, and hand it to <see cref="Committed"/> when that context is in force.</summary>
    public long Revision { get; private set; }

    /// <summary>Owners and their places, in no order.</summary>
    public IReadOnlyDictionary<TKey, int> Places => _places;

    /// <summary>Gives an owner a place, or tells the one that it has.</summary>
    /// <param name="owner">The owner. One that comes back before its old place was seen empty gets that one again.</param>
    /// <param name="place">The place, from 0; the lowest that is free.</param>
    /// <returns>False where all places are taken, or wait to be seen empty.</returns>
    public bool TryTake(TKey owner, out int place)
    {
        if (_places.TryGetValue(owner, out place))
        {
            return true;
        }

        place = PlaceEmptiedBy(owner);
        if (place >= 0)
        {
            _emptied.Remove(place);
        }
        else if (_free.Count > 0)
        {
            place = _free.Min;
            _free.Remove(place);
        }
        else if (Count < capacity)
        {
            place = Count++;
        }
        else
        {
            place = -1;
            return false;
        }

        _places.Add(owner, place);
        return true;
    }

    /// <summary>Empties an owner's place. What stands for an empty place belongs into the next context.</summary>
    /// <param name="owner">The owner.</param>
    /// <returns>Whether it had one.</returns>
    public bool Release(TKey owner)
    {
        if (!_places.Remove(owner, out var place))
        {
            return false;
        }

        _emptied.Add(place, (owner, ++Revision));
        return true;
    }

    /// <summary>A context is in force in which all places were empty that were empty at a revision: they are free now.</summary>
    /// <param name="revision">The <see cref="Revision"/> when the context was built.</param>
    public void Committed(long revision)
    {
        foreach (var (place, (_, emptied)) in _emptied)
        {
            if (emptied <= revision)
            {
                _emptied.Remove(place);
                _free.Add(place);
            }
        }
    }

    /// <summary>Forgets everything: after a kdamond was started anew no place means anything any more.</summary>
    public void Clear()
    {
        _places.Clear();
        _emptied.Clear();
        _free.Clear();
        Count = 0;
    }

    private int PlaceEmptiedBy(TKey owner)
    {
        foreach (var (place, (old, _)) in _emptied)
        {
            if (EqualityComparer<TKey>.Default.Equals(old, owner))
            {
                return place;
            }
        }

        return -1;
    }
}
