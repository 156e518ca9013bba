namespace Damon.Lab.Tests.Kernels;

/// <summary>A section of <c>kernels.ini</c>.</summary>
/// <param name="Name">The kernel's name.</param>
/// <param name="Release">What <c>uname -r</c> says; nothing where the image's header is to be asked.</param>
/// <param name="ImageVariable">The environment variable that names an image; nothing where packages are pinned.</param>
/// <param name="Packages">Paths below the mirror, and checksums.</param>
/// <param name="Has">What is promised.</param>
internal sealed record KernelPin(string Name, string? Release, string? ImageVariable, IReadOnlyList<(string Path, string Sha256)> Packages, IReadOnlyList<string> Has);
