namespace Damon.Engine.KernelDamon;

/// <summary>What is to stand in one file of the tree.</summary>
/// <param name="Path">Below the context's folder, for example <c>schemes/0/action</c>.</param>
/// <param name="Value">As the kernel writes it when asked.</param>
/// <param name="Kind">What it is.</param>
internal readonly record struct KernelFile(string Path, string Value, KernelFileKind Kind = KernelFileKind.Value);
