using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Damon.Hosting.Processes;

/// <summary>Small files that are given to the process itself, such as mounted secrets.</summary>
public static class OwnFile
{
    /// <summary>Reads one as UTF-8.</summary>
    /// <param name="path">The file.</param>
    /// <param name="maxBytes">A longer one is not read.</param>
    /// <param name="error">Why there is no text, for people; empty where there is one.</param>
    /// <returns>The text, or null.</returns>
    [SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "The process's own file, not one of the host.")]
    public static string? ReadText(string path, int maxBytes, out string error)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var bytes = new byte[maxBytes + 1];
            var length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            error = length > maxBytes ? $"it has more than {maxBytes} bytes" : "";
            return length > maxBytes ? null : Encoding.UTF8.GetString(bytes, 0, length);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            error = failed.Message;
            return null;
        }
    }
}
