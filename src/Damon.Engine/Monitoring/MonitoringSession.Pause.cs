namespace Damon.Engine.Monitoring;

public sealed partial class MonitoringSession
{
    private bool _isSampling;
    private bool _skipsSample;

    /// <summary>
    /// Whether the session rests: it neither looks nor acts, its clock (<see cref="Elapsed"/>) stands still, and regions, counts and ages stay as they are.
    /// Afterwards it goes on where it stopped: nothing grows older for time in which nobody looked.
    /// </summary>
    /// <remarks>Takes effect at once. A sample interval in which it was set at any moment is not counted, because what was cleared before it may have been accessed for longer.</remarks>
    public bool IsPaused
    {
        get;
        set
        {
            field = value;
            _skipsSample |= value;
        }
    }

    private bool BeginsPaused()
    {
        _isSampling = true;
        _skipsSample = IsPaused;
        return _skipsSample;
    }

    private bool EndsPaused()
    {
        _isSampling &= !_skipsSample;
        return _skipsSample;
    }
}
