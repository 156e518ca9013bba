namespace Damon.Engine.Probes;

/// <summary>System calls of an <see cref="IdlePageProbe"/> since it was opened, by file: the measure of its batching that holds on any machine.</summary>
/// <param name="PagemapReads">Reads of the process's pagemap.</param>
/// <param name="FlagReads">Reads of the page flags.</param>
/// <param name="BitmapReads">Reads of the idle bitmap.</param>
/// <param name="BitmapWrites">Writes of the idle bitmap.</param>
public readonly record struct IdlePageCalls(long PagemapReads, long FlagReads, long BitmapReads, long BitmapWrites);
