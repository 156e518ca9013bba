using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Damon.Testing;

namespace Damon.Cli.Tests.Doctor;

/// <summary>What a fake host holds, to see whether somebody changed it.</summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "Looks at the tree behind the fake host, past the code under test.")]
internal static class HostSnapshot
{
    /// <summary>Every file's path, time of writing and content; the sparse pagemap by time and length alone.</summary>
    public static IReadOnlyList<string> Snapshot(this FakeHost host) =>
    [
        .. Directory.EnumerateFileSystemEntries(host.Folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(Describe),
    ];

    private static string Describe(string path)
    {
        var file = new FileInfo(path);
        return !file.Exists ? path : $"{path} {file.LastWriteTimeUtc.Ticks} {file.Length} {(file.Length < 1 << 20 ? Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path))) : "")}";
    }
}
