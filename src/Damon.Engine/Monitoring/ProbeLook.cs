using System.Runtime.ExceptionServices;
using Damon.Engine.Regions;

namespace Damon.Engine.Monitoring;

/// <summary>
/// One look at one target, for an <see cref="IProbeRunner"/>. It has copies of all that the probe reads and writes, so a look that does not come back keeps nothing of the session's.
/// </summary>
public sealed class ProbeLook
{
    // Who may use the probe is in one number, because the session's thread gives up waiting at the same moment at which the other thread may begin or finish.
    private const int Idle = 0;
    private const int Asked = 1;
    private const int Running = 2;
    private const int Done = 3;
    private const int Retired = 4;

    private readonly IAccessProbe _probe;
    private readonly AddressRangeList _ranges = new();
    private int _state;
    private Kind _kind;
    private int _count;
    private ulong[] _starts = [];
    private ulong[] _ends = [];
    private ulong[] _addresses = [];
    private AccessObservation[] _seen = [];
    private ProbeOutcome _outcome;
    private string _error = "";
    private ExceptionDispatchInfo? _thrown;

    internal ProbeLook(int targetId, string? group, IAccessProbe probe) => (TargetId, Group, _probe) = (targetId, group, probe);

    private enum Kind
    {
        Layout,
        Prepare,
        Check,
    }

    /// <summary>The target's number.</summary>
    public int TargetId { get; }

    /// <summary>The name under which the target shares budgets with others, such as a pod's; null where it is alone.</summary>
    public string? Group { get; }

    /// <summary>What the latest look found, where <see cref="TryTake"/> said that it is back.</summary>
    internal AddressRangeList Ranges => _ranges;

    /// <summary>One observation for each region, as of the latest check.</summary>
    internal ReadOnlySpan<AccessObservation> Seen => _seen.AsSpan(0, _count);

    /// <summary>Looks, on any thread. A look that nobody waits for any more is not begun.</summary>
    public void CarryOut()
    {
        if (Interlocked.CompareExchange(ref _state, Running, Asked) != Asked)
        {
            return;
        }

        try
        {
            _outcome = _kind switch
            {
                Kind.Layout => _probe.ReadAddressSpace(_ranges),
                Kind.Prepare => _probe.Prepare(_addresses.AsSpan(0, _count)),
                _ => _probe.Check(_starts.AsSpan(0, _count), _ends.AsSpan(0, _count), _addresses.AsSpan(0, _count), _seen.AsSpan(0, _count)),
            };
            _error = _outcome == ProbeOutcome.Ok ? "" : _probe.LastError;
        }
        catch (Exception e)
        {
            // A bug in the probe, for the session's thread to see.
            _thrown = ExceptionDispatchInfo.Capture(e);
        }

        if (Interlocked.CompareExchange(ref _state, Done, Running) == Retired)
        {
            // The target ended meanwhile. Closing its files under a read would let the read go on with whatever opens next under their numbers.
            _probe.Dispose();
        }
    }

    /// <summary>Whether the probe can be asked: a look that came back late has given up what it found.</summary>
    internal bool IsHere()
    {
        // Whatever came late spoke about another moment; an exception in it has been told by nobody, and the next look will meet it again.
        if (Interlocked.CompareExchange(ref _state, Idle, Done) == Done)
        {
            _thrown = null;
        }

        return Volatile.Read(ref _state) == Idle;
    }

    internal void AskLayout() => Ask(Kind.Layout);

    internal void AskPrepare(RegionTable regions)
    {
        Take(regions.SampleAddresses, ref _addresses);
        _count = regions.Count;
        Ask(Kind.Prepare);
    }

    /// <summary>All is copied anew: what comes between <see cref="AskPrepare"/> and this may have changed the regions, and with them the addresses.</summary>
    internal void AskCheck(RegionTable regions)
    {
        Take(regions.SampleAddresses, ref _addresses);
        Take(regions.Starts, ref _starts);
        Take(regions.Ends, ref _ends);
        _count = regions.Count;
        if (_seen.Length < _count)
        {
            _seen = new AccessObservation[_addresses.Length];
        }

        Ask(Kind.Check);
    }

    /// <summary>Takes what a look found, or takes back one that was not begun.</summary>
    /// <returns>False where there is nothing: it was not begun, or is not back.</returns>
    internal bool TryTake(out ProbeOutcome outcome, out string error)
    {
        (outcome, error) = (ProbeOutcome.TryAgain, "");
        if (Interlocked.CompareExchange(ref _state, Idle, Asked) == Asked || Interlocked.CompareExchange(ref _state, Idle, Done) != Done)
        {
            return false;
        }

        if (_thrown is { } thrown)
        {
            _thrown = null;
            thrown.Throw();
        }

        (outcome, error) = (_outcome, _error);
        return true;
    }

    /// <summary>Closes the probe: at once, or when the look that is under way comes back.</summary>
    internal void Retire()
    {
        if (Interlocked.CompareExchange(ref _state, Retired, Running) != Running)
        {
            _probe.Dispose();
        }
    }

    private static void Take(ReadOnlySpan<ulong> from, ref ulong[] to)
    {
        if (to.Length < from.Length)
        {
            to = new ulong[from.Length * 2];
        }

        from.CopyTo(to);
    }

    private void Ask(Kind kind)
    {
        _kind = kind;
        Volatile.Write(ref _state, Asked);
    }
}
