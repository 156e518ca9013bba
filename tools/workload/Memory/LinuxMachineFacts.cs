using System.Globalization;
using System.Runtime.InteropServices;

namespace Damon.Workload.Memory;

/// <summary>The facts of the machine this process runs on.</summary>
internal sealed unsafe partial class LinuxMachineFacts : IMachineFacts
{
    /// <summary>More than struct statfs has on any 64-bit Linux (120 bytes).</summary>
    private const int StatfsBytes = 256;

    public long? FileSystemTypeOf(string directory)
    {
        var buffer = stackalloc long[StatfsBytes / sizeof(long)];
        // f_type is the first member, and a word wide on x86-64 and arm64 alike.
        return statfs(directory, buffer) == 0 ? buffer[0] : null;
    }

    public ulong AvailableBytes()
    {
        if (!ToolFiles.TryReadText("/proc/meminfo", out var text, out _))
            return ulong.MaxValue;

        return BytesOf(text, "MemAvailable:") is { } memory ? memory + (BytesOf(text, "SwapFree:") ?? 0) : ulong.MaxValue;
    }

    /// <summary>A line of /proc/meminfo: <c>MemAvailable:   24105340 kB</c>.</summary>
    private static ulong? BytesOf(string text, string name)
    {
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (!line.StartsWith(name, StringComparison.Ordinal))
                continue;

            var value = line[name.Length..].Trim();
            var end = value.IndexOf(' ');
            return ulong.TryParse(end < 0 ? value : value[..end], NumberStyles.None, CultureInfo.InvariantCulture, out var kibibytes) ? kibibytes * 1024 : null;
        }

        return null;
    }

    /// <summary>int statfs(const char *path, struct statfs *buf); the package for the C library has statvfs only, which leaves the type out.</summary>
    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int statfs(string path, long* buffer);
}
