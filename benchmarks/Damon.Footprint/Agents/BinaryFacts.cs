using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace Damon.Footprint.Agents;

/// <summary>A compiled program on disk.</summary>
/// <param name="Bytes">Its size, without debug symbols, which lie in a file beside it.</param>
/// <param name="Libraries">What it is linked with, as ldd tells; empty where there is no ldd.</param>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "Looks at a file of the build, and runs ldd.")]
internal sealed record BinaryFacts(long Bytes, IReadOnlyList<string> Libraries)
{
    /// <summary>Looks at a program.</summary>
    /// <param name="path">Where it is.</param>
    public static BinaryFacts Of(string path)
    {
        string text;
        try
        {
            using var ldd = Process.Start(new ProcessStartInfo("ldd", [path]) { UseShellExecute = false, RedirectStandardOutput = true })!;
            text = ldd.StandardOutput.ReadToEnd();
            ldd.WaitForExit();
        }
        catch (System.ComponentModel.Win32Exception)
        {
            text = "";
        }

        return new BinaryFacts(new FileInfo(path).Length, Names(text));
    }

    /// <summary>The names in ldd's output; the kernel's own page and the loader are no libraries.</summary>
    internal static IReadOnlyList<string> Names(string ldd) =>
        [.. ldd.Split('\n').Select(line => line.Trim().Split(' ')[0]).Where(name => name.Length > 0 && !name.StartsWith('/') && !name.StartsWith("linux-vdso", StringComparison.Ordinal))];
}
