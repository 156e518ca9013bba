using System.Diagnostics.CodeAnalysis;
using Damon.Lab.Guest.Running;
using Damon.Lab.Tests.Kernels;
using Damon.Testing;

namespace Damon.Lab.Tests.Runs;

/// <summary>What of the lab is asked for, and what this machine can give.</summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "Looks for programs and kernels of the machine that the tests run on.")]
internal static class LabSettings
{
    /// <summary>Programs the lab needs, with the Debian packages they come in.</summary>
    private static readonly (string Program, string Package)[] Needed =
    [
        ("qemu-system-x86_64", "qemu-system-x86"), ("busybox", "busybox-static"), ("cpio", "cpio"), ("xz", "xz-utils"), ("depmod", "kmod"), ("curl", "curl"), ("dpkg-deb", "dpkg"),
    ];

    /// <summary>Which set; nothing where the lab is not asked for.</summary>
    public static LabSet? Set => Environment.GetEnvironmentVariable("DAMON_LAB") switch
    {
        null or "" => null,
        var word when Enum.TryParse<LabSet>(word, ignoreCase: true, out var set) => set,
        var word => throw new InvalidOperationException($"DAMON_LAB is '{word}', not smoke or full."),
    };

    /// <summary>All kernels of the pins.</summary>
    public static IReadOnlyList<KernelPin> Kernels { get; } = KernelPins.Parse(RepositoryFiles.Text("tests/lab/kernels.ini"));

    /// <summary>The tests of the asked-for set.</summary>
    public static IReadOnlyList<LabTest> Tests => [.. Guest.LabTests.All.Where(test => test.Set <= Set)];

    /// <summary>The folder of programs for the inside.</summary>
    public static string GuestFolder => RepositoryFiles.PathOf("artifacts/lab/guest");

    /// <summary>Why no kernel can be booted here; nothing where one can.</summary>
    public static string? MissingPrograms
    {
        get
        {
            var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/sbin").Append("/sbin").ToList();
            var missing = Needed.Where(needed => !folders.Exists(folder => File.Exists(Path.Combine(folder, needed.Program)))).ToList();
            return missing.Count == 0
                ? null
                : $"missing: {string.Join(", ", missing.Select(needed => needed.Program))} (Debian: apt-get install {string.Join(' ', missing.Select(needed => needed.Package))})";
        }
    }

    /// <summary>Why a kernel is not even tried; nothing where it is.</summary>
    public static string? SkipReason(KernelPin kernel)
    {
        var only = (Environment.GetEnvironmentVariable("DAMON_LAB_ONLY") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (only.Length > 0 && !only.Contains(kernel.Name))
            return $"DAMON_LAB_ONLY leaves '{kernel.Name}' out";
        if (kernel.ImageVariable is { } variable && string.IsNullOrEmpty(Environment.GetEnvironmentVariable(variable)))
            return $"{variable} names no image of '{kernel.Name}'; tests/lab/README.md says how to build one";
        return MissingPrograms;
    }

    /// <summary>What <c>uname -r</c> should say inside.</summary>
    public static string ReleaseOf(KernelPin kernel)
    {
        if (kernel.Release is { } release)
            return release;

        using var image = File.OpenRead(Environment.GetEnvironmentVariable(kernel.ImageVariable!)!);
        var header = new byte[KernelImage.HeaderBytes];
        var read = image.ReadAtLeast(header, header.Length, throwOnEndOfStream: false);
        return KernelImage.ReleaseOf(header.AsSpan(0, read)) ?? throw new InvalidOperationException($"{kernel.ImageVariable} names a file that is no bzImage.");
    }
}
