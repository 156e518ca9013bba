namespace Damon.NodeAgent.Plans;

/// <summary>How long the API server has been silent. Only the caller knows what counts as an answer: 404 and 409 are answers, connection errors, 5xx, 401 and 403 are not.</summary>
/// <param name="time">The clock.</param>
internal sealed class ApiContact(TimeProvider time)
{
    // A clock that was set back by more than this says nothing about how long ago something was.
    private static readonly TimeSpan MaxClockStep = TimeSpan.FromMinutes(1);

    private long _since = time.GetTimestamp();
    private TimeSpan _before = TimeSpan.MaxValue;

    /// <summary>Time since the last answer; the longest there is where none is known of.</summary>
    public TimeSpan Silence
    {
        get
        {
            var since = time.GetElapsedTime(_since);
            return _before > TimeSpan.MaxValue - since ? TimeSpan.MaxValue : _before + since;
        }
    }

    /// <summary>When the last answer was, to be kept on disk; null where none is known of.</summary>
    public DateTimeOffset? LastAnswerAt => Silence == TimeSpan.MaxValue ? null : time.GetUtcNow() - Silence;

    /// <summary>The API server has answered.</summary>
    public void Answered()
    {
        _since = time.GetTimestamp();
        _before = TimeSpan.Zero;
    }

    /// <summary>Goes on where the last run of the agent has stopped. An outage does not begin anew because the agent was started again.</summary>
    /// <param name="lastAnswerAt">When the last answer was.</param>
    public void Restore(DateTimeOffset lastAnswerAt)
    {
        var ago = time.GetUtcNow() - lastAnswerAt;
        _since = time.GetTimestamp();
        _before = ago < -MaxClockStep ? TimeSpan.MaxValue : ago < TimeSpan.Zero ? TimeSpan.Zero : ago;
    }
}
