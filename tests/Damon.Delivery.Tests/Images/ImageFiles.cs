using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

#pragma warning disable CA1416 // Linux only, like all of this product.

namespace Damon.Delivery.Tests.Images;

/// <summary>The files of a root file system that was laid out.</summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "These tests are about files that the build has made.")]
internal static partial class ImageFiles
{
    public static bool IsThere(string root) => Directory.Exists(root);

    /// <summary>Files and links, from the root.</summary>
    public static IReadOnlyList<string> Below(string root) =>
        [.. Entries(root).Where(entry => entry.LinkTarget is not null || entry is FileInfo).Select(entry => Path.GetRelativePath(root, entry.FullName)).Order(StringComparer.Ordinal)];

    /// <summary>What anybody may write, links apart.</summary>
    public static IReadOnlyList<string> WritableByOthers(string root) =>
        [.. Entries(root).Where(entry => entry.LinkTarget is null && entry.UnixFileMode.HasFlag(UnixFileMode.OtherWrite)).Select(entry => Path.GetRelativePath(root, entry.FullName)).Order(StringComparer.Ordinal)];

    /// <summary>A shared library below /lib, /lib64 or /usr/lib.</summary>
    public static bool IsLibrary(string path) => Library().IsMatch(path);

    // A link to a folder is one entry: what it leads to is not looked into.
    private static IEnumerable<FileSystemInfo> Entries(string folder) => new DirectoryInfo(folder).EnumerateFileSystemInfos()
        .SelectMany(entry => entry is DirectoryInfo { LinkTarget: null } below ? Entries(below.FullName).Prepend(entry) : [entry]);

    [GeneratedRegex(@"^(usr/)?lib(64)?/([^/]+/)?[^/]+\.so(\.\d+)*$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Library();
}
