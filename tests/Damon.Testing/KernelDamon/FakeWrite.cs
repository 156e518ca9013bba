namespace Damon.Testing.KernelDamon;

/// <summary>A write of a file.</summary>
/// <param name="Path">Which.</param>
/// <param name="Text">What.</param>
/// <param name="Errno">How it ended.</param>
public readonly record struct FakeWrite(string Path, string Text, KernelErrno Errno);
