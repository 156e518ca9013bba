namespace Damon.Engine.KernelDamon;

/// <summary>One request of a worker. Whoever moves it out of the queue first decides: the worker that carries it out, or the caller that waits no longer.</summary>
internal abstract class KernelWorkItem
{
    private const int Queued = 0;
    private const int Begun = 1;
    private const int Given = 2;
    private int _stage;

    /// <summary>Whether nobody waits for it any more.</summary>
    public bool IsGivenUp => Volatile.Read(ref _stage) == Given;

    /// <summary>Takes it out of the queue in order to carry it out.</summary>
    public bool TryBegin() => Interlocked.CompareExchange(ref _stage, Begun, Queued) == Queued;

    /// <summary>Takes it out of the queue because nobody waits for it any more.</summary>
    public bool TryGiveUp() => Interlocked.CompareExchange(ref _stage, Given, Queued) == Queued;

    /// <summary>Carries it out. Never throws: what the work throws goes to the caller.</summary>
    public abstract void CarryOut();

    /// <summary>Ends it without carrying it out.</summary>
    /// <param name="reason">Why.</param>
    public abstract void Refuse(string reason);
}
