namespace Damon.Testing.KernelDamon;

/// <summary>
/// The laws about the files of a kernel's DAMON that the product builds on. Each runs on <see cref="FakeDamonTree"/> as every kernel it stands for and, in the lab, on those
/// kernels: where the fake differs it is the fake that is wrong. An explicit list, so that it also runs compiled ahead of time.
/// </summary>
public static class DamonTreeCases
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<DamonTreeCase> All { get; } = [.. DamonTreeFileCases.All, .. DamonTreeCommandCases.All, .. DamonTreeCommitCases.All, .. DamonTreeResultCases.All];
}
