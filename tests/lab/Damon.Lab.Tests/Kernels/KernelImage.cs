using System.Buffers.Binary;
using System.Text;

namespace Damon.Lab.Tests.Kernels;

/// <summary>The header of a bzImage, as the kernel's boot protocol for x86 describes it.</summary>
internal static class KernelImage
{
    private const int SignaturePlace = 0x202;
    private const int VersionPlace = 0x20E;
    private const int VersionBase = 0x200;

    /// <summary>How much of a file's beginning has to be read.</summary>
    public const int HeaderBytes = 0x10000;

    /// <summary>The release, up to the first space of the version text.</summary>
    /// <param name="image">The beginning of the file.</param>
    /// <returns>Nothing where it is no bzImage or its header names no version.</returns>
    public static string? ReleaseOf(ReadOnlySpan<byte> image)
    {
        if (image.Length < VersionPlace + sizeof(ushort) || !image[SignaturePlace..].StartsWith("HdrS"u8))
            return null;

        int offset = BinaryPrimitives.ReadUInt16LittleEndian(image[VersionPlace..]);
        if (offset == 0 || offset + VersionBase >= image.Length)
            return null;

        var text = image[(offset + VersionBase)..];
        var end = text.IndexOfAny(" \0"u8);
        return end > 0 ? Encoding.ASCII.GetString(text[..end]) : null;
    }
}
