using System.Diagnostics.CodeAnalysis;
using Damon.Engine.Host;

namespace Damon.Lab.Guest.Programs;

/// <summary>Control groups are made and removed as folders, and files of a test's own are written, which the engine never does. All paths are below the given root, like the engine's.</summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "This program runs in a machine of its own, as its only master.")]
internal static class GuestFiles
{
    public static void CreateFolder(HostRoot host, string path) => Directory.CreateDirectory(Full(host, path));

    /// <summary>Writes a file that may not be there yet; only into memory of this machine, never a file of the kernel.</summary>
    public static void WriteNew(HostRoot host, string path, string text) => File.WriteAllText(Full(host, path), text);

    /// <summary>Removes a control group: its files go with it, and only what is below it must be gone before.</summary>
    public static void RemoveGroup(HostRoot host, string path) => Remove(Full(host, path));

    /// <summary>Folders in a folder, sorted, as paths below the root; none where it is not there.</summary>
    public static IReadOnlyList<string> Folders(HostRoot host, string path, string pattern) => Directory.Exists(Full(host, path))
        ? [.. Directory.GetDirectories(Full(host, path), pattern).Select(folder => $"{path}/{Path.GetFileName(folder)}").Order(StringComparer.Ordinal)]
        : [];

    /// <summary>Writes a small file, such as a scheme, in place of one that is there.</summary>
    public static void WriteText(HostRoot host, string path, string text) => File.WriteAllText(Full(host, path), text);

    /// <summary>Writes a file of the machine's memory.</summary>
    public static void Write(HostRoot host, string path, string text, bool ownerOnly = false)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Full(host, path))!);
        File.WriteAllText(Full(host, path), text);
        if (ownerOnly && !OperatingSystem.IsWindows())
            File.SetUnixFileMode(Full(host, path), UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    /// <summary>Removes a file of the machine's memory, if it is there.</summary>
    public static void RemoveFile(HostRoot host, string path) => File.Delete(Full(host, path));

    /// <summary>Every file below a folder with what it holds, or why it cannot be read.</summary>
    public static IReadOnlyDictionary<string, string> Contents(HostRoot host, string path)
    {
        var contents = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in Directory.EnumerateFiles(Full(host, path), "*", SearchOption.AllDirectories))
            contents[file] = host.ReadText(file[host.Path.TrimEnd('/').Length..]) is var read && read.TryGet(out var text) ? text : read.Error.Kind.ToString();
        return contents;
    }

    private static string Full(HostRoot host, string path) => Path.Join(host.Path, path);

    private static void Remove(string folder)
    {
        if (!Directory.Exists(folder))
            return;

        foreach (var below in Directory.GetDirectories(folder))
            Remove(below);
        Directory.Delete(folder, recursive: false);
    }
}
