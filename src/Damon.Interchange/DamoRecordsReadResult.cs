namespace Damon.Interchange;

/// <summary>The records of a damo file, or what is wrong with it; never both.</summary>
/// <param name="Runs">The runs; empty where there is an error.</param>
/// <param name="Notes">What is not the same as in the file; each once, however often.</param>
/// <param name="Error">What is wrong with the file, for people; empty where nothing is.</param>
public sealed record DamoRecordsReadResult(IReadOnlyList<RecordedRun> Runs, IReadOnlyList<InterchangeNote> Notes, string Error);
