using System.Diagnostics.CodeAnalysis;

namespace Damon.Lab.Guest.Programs;

/// <summary>Control groups are made and removed as folders, which the engine never does.</summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "This program runs in a machine of its own, as its only master.")]
internal static class GuestFiles
{
    public static void CreateFolder(string path) => Directory.CreateDirectory(path);

    /// <summary>Removes a control group: its files go with it, and only what is below it must be gone before.</summary>
    public static void RemoveGroup(string path)
    {
        if (!Directory.Exists(path))
            return;

        foreach (var below in Directory.GetDirectories(path))
            RemoveGroup(below);
        Directory.Delete(path, recursive: false);
    }

    public static IReadOnlyList<string> Folders(string path, string pattern) =>
        Directory.Exists(path) ? [.. Directory.GetDirectories(path, pattern).Order(StringComparer.Ordinal)] : [];
}
