namespace Damon.Cli;

/// <summary>Reads the files that a user names on the command line, and standard input for a dash.</summary>
internal static class InputFile
{
    /// <summary>No scheme or pattern comes near this; a larger file is a mistake or worse.</summary>
    public const int MaxBytes = 4 << 20;

    /// <summary>Reads a file.</summary>
    /// <returns>The bytes, or one line that names the file and what is wrong.</returns>
#pragma warning disable RS0030 // Files that the user names are not part of the host that is sampled.
    public static (byte[]? Bytes, string Error) Read(string path)
    {
        try
        {
            using var stream = path == "-" ? Console.OpenStandardInput() : new FileStream(path, FileMode.Open, FileAccess.Read);
            var bytes = new byte[MaxBytes + 1];
            var length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return length > MaxBytes
                ? (null, $"{path}: the file is larger than {MaxBytes >> 20} MiB; is it the right one?")
                : (bytes[..length], "");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return (null, $"{path}: there is no such file");
        }
        catch (UnauthorizedAccessException)
        {
            return (null, Directory.Exists(path) ? $"{path}: is a folder; name a file" : $"{path}: may not be read by this user");
        }
        catch (IOException e)
        {
            return (null, $"{path}: {e.Message}");
        }
    }
#pragma warning restore RS0030
}
