namespace Damon.Engine.Recordings;

/// <summary>What came of opening a recording for writing.</summary>
/// <param name="Writer">The writer; null where the stream cannot be continued.</param>
/// <param name="DroppedBytes">Bytes of a torn tail that were cut off.</param>
/// <param name="Error">Why there is no writer, for people; empty where there is one.</param>
public sealed record RecordingOpening(RecordingWriter? Writer, ulong DroppedBytes, string Error);
