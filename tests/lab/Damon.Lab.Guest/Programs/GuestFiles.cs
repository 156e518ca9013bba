using System.Diagnostics.CodeAnalysis;
using Damon.Engine.Host;

namespace Damon.Lab.Guest.Programs;

/// <summary>Control groups are made and removed as folders, which the engine never does. All paths are below the given root, like the engine's.</summary>
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
