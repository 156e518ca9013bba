using System.Diagnostics.CodeAnalysis;
using Microsoft.Win32.SafeHandles;

namespace Damon.Workload;

/// <summary>The few files a workload run has of its own: its pattern, its truth, and the files behind its regions.</summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "A tool's own input and output; no file of a monitored host is opened here.")]
internal static class ToolFiles
{
    public static bool TryReadText(string path, [NotNullWhen(true)] out string? text, [NotNullWhen(false)] out string? error)
    {
        try
        {
            text = File.ReadAllText(path);
            error = null;
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            text = null;
            error = exception.Message;
            return false;
        }
    }

    public static bool TryCreate(string path, [NotNullWhen(true)] out Stream? file, [NotNullWhen(false)] out string? error)
    {
        try
        {
            file = File.Create(path);
            error = null;
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            file = null;
            error = exception.Message;
            return false;
        }
    }

    /// <summary>Makes a file that must not be there yet, with its room on the disk taken.</summary>
    /// <exception cref="IOException">It is there, or the disk has no room.</exception>
    public static SafeFileHandle CreateNew(string path, long sizeBytes)
    {
        var handle = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite, preallocationSize: sizeBytes);
        try
        {
            // A file system without preallocation ignores the size; a mapping past the end of the file would be killed at its first access.
            RandomAccess.SetLength(handle, sizeBytes);
            return handle;
        }
        catch (IOException)
        {
            handle.Dispose();
            DeleteFile(path);
            throw;
        }
    }

    /// <summary>Makes a folder for this process in another one. The number after the process id gets past what a killed predecessor with the same id left.</summary>
    public static bool TryCreateOwnFolder(string parent, [NotNullWhen(true)] out string? folder, [NotNullWhen(false)] out string? error)
    {
        folder = null;
        error = null;
        try
        {
            for (var attempt = 0; folder is null; attempt++)
            {
                var candidate = Path.Combine(Path.GetFullPath(parent), $"damon-workload-{Environment.ProcessId}-{attempt}");
                if (Directory.Exists(candidate))
                    continue;
                folder = Directory.CreateDirectory(candidate).FullName;
            }

            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            error = exception.Message;
            return false;
        }
    }

    /// <summary>Deletes a file; one that is gone already is fine.</summary>
    public static void DeleteFile(string path) => File.Delete(path);

    /// <summary>Deletes a folder if nothing is left in it.</summary>
    public static void DeleteEmptyFolder(string path)
    {
        try
        {
            Directory.Delete(path, recursive: false);
        }
        catch (IOException)
        {
            // Someone put a file of theirs into it: it is theirs now.
        }
    }
}
