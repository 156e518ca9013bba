using System.Diagnostics.CodeAnalysis;

namespace Damon.Cli.Interchange;

/// <summary>A file that a command makes. It is written under another name and put in place when it is whole, and never in the place of one that is there.</summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "Files that the user names are not part of the host that is sampled.")]
internal static class OutputFile
{
    /// <summary>Makes a file.</summary>
    /// <param name="path">Its name.</param>
    /// <param name="write">Writes it; false where there is nothing to keep.</param>
    /// <returns>One line that names the file and what is wrong; empty where it was made, or nothing was to be kept.</returns>
    public static string Make(string path, Func<FileStream, bool> write)
    {
        var draft = path + ".part";
        try
        {
            if (File.Exists(path))
            {
                return $"{path}: is there already; name another file, or move it away";
            }

            var isWhole = false;
            try
            {
                using (var stream = new FileStream(draft, FileMode.CreateNew, FileAccess.ReadWrite))
                {
                    isWhole = write(stream);
                    stream.Flush(flushToDisk: true);
                }

                if (isWhole)
                {
                    File.Move(draft, path, overwrite: false);
                }
            }
            finally
            {
                if (!isWhole)
                {
                    File.Delete(draft);
                }
            }

            return "";
        }
        catch (DirectoryNotFoundException)
        {
            return $"{path}: there is no such folder";
        }
        catch (UnauthorizedAccessException)
        {
            return $"{path}: may not be written by this user";
        }
        catch (Exception e) when (e is IOException or ArgumentException or NotSupportedException)
        {
            return $"{path}: {e.Message}";
        }
    }
}
