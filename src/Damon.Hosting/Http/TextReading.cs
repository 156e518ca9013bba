namespace Damon.Hosting.Http;

/// <summary>Reads a small file of the process's own, such as a mounted secret.</summary>
/// <param name="path">The file.</param>
/// <param name="maxBytes">A longer one is not read.</param>
/// <param name="error">Why there is no text, for people; empty where there is one.</param>
/// <returns>The text, or null.</returns>
public delegate string? TextReading(string path, int maxBytes, out string error);
