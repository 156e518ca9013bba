namespace Damon.Engine.Recordings;

/// <summary>What became of a snapshot.</summary>
public enum RecordingWriteOutcome
{
    /// <summary>It is in the stream.</summary>
    Written,

    /// <summary>It breaks a bound of the format (its size, its intervals, its time, its regions' order) and was left out; the recording goes on.</summary>
    NotRecordable,

    /// <summary>The stream could not be written: the recording ends here, and nothing is written any more.</summary>
    Failed,
}
