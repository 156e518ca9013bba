namespace Damon.Api.Manifests;

/// <summary>Where something was written.</summary>
/// <param name="File">The file's name, or the command-line option that took its place.</param>
/// <param name="Line">From 1; 0 where there are no lines, as on a command line.</param>
/// <param name="Column">In characters from 1; 0 where there are no lines.</param>
public readonly record struct ManifestLocation(string File, int Line, int Column);
