using System.Diagnostics.CodeAnalysis;
using Damon.Engine.Recordings;

namespace Damon.Cli.Recordings;

/// <summary>The recordings that a user names on the command line.</summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "Files that the user names are not part of the host that is sampled.")]
internal static class RecordingFile
{
    /// <summary>Opens a recording to be read.</summary>
    /// <returns>The stream, or one line that names the file and what is wrong.</returns>
    public static (FileStream? Stream, string Error) OpenToRead(string path) =>
        Open(path, isNew: false, () => new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 64 << 10));

    /// <summary>Opens a recording to be written or continued. Each record goes to the system at once: what was recorded outlives this process.</summary>
    /// <returns>The stream, or one line that names the file and what is wrong.</returns>
    public static (FileStream? Stream, string Error) OpenToAppend(string path) =>
        Open(path, isNew: true, () => new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0));

    /// <summary>What a reader's end means for the user: nothing, a note about a torn tail, or an error.</summary>
    /// <returns>Whether the recording is usable.</returns>
    public static bool ReportEnd(string path, RecordingReader reader, RecordingReadOutcome end, TextWriter errors)
    {
        switch (end)
        {
            case RecordingReadOutcome.End:
                return true;
            case RecordingReadOutcome.TornTail:
                errors.WriteLine($"{path}: its last record was not written whole and is left out ({reader.DroppedBytes} bytes)");
                return true;
            default:
                errors.WriteLine($"{path}: {reader.Error}");
                return false;
        }
    }

    private static (FileStream? Stream, string Error) Open(string path, bool isNew, Func<FileStream> open)
    {
        try
        {
            return (open(), "");
        }
        catch (FileNotFoundException)
        {
            return (null, $"{path}: there is no such file");
        }
        catch (DirectoryNotFoundException)
        {
            return (null, $"{path}: there is no such {(isNew ? "folder" : "file")}");
        }
        catch (UnauthorizedAccessException)
        {
            return (null, Directory.Exists(path) ? $"{path}: is a folder; name a file" : $"{path}: may not be opened by this user");
        }
        catch (Exception e) when (e is IOException or ArgumentException or NotSupportedException)
        {
            return (null, $"{path}: {e.Message}");
        }
    }
}
