namespace Damon.Engine.Recordings;

/// <summary>What a reader found next. All but <see cref="Snapshot"/> are final: reading again gives the same.</summary>
public enum RecordingReadOutcome
{
    /// <summary>A snapshot.</summary>
    Snapshot,

    /// <summary>The end, with nothing left over.</summary>
    End,

    /// <summary>The end, with a record that was not written whole and has been dropped: everything before it is good.</summary>
    TornTail,

    /// <summary>Something that is no record, and more behind it; nothing from there on is read.</summary>
    Corrupt,

    /// <summary>Not a recording at all.</summary>
    NotARecording,

    /// <summary>A recording of a version that this reader does not know.</summary>
    UnknownVersion,

    /// <summary>The stream could not be read.</summary>
    Failed,
}
