using System.Buffers.Binary;

namespace Damon.Lab.Tests.Kernels;

public class KernelImageTests
{
    [Theory]
    [InlineData("7.3.4-lab (me@there) #1 SMP\0rest", "7.3.4-lab")]
    [InlineData("6.12.107+deb13-cloud-amd64\0", "6.12.107+deb13-cloud-amd64")]
    [InlineData("\0", null)]
    [InlineData("no end", "no")]
    [InlineData("noend", null)]
    public void The_release_is_the_first_word_of_the_version(string version, string? release) => KernelImage.ReleaseOf(Image(0x300, version)).Should().Be(release);

    [Theory]
    [InlineData(0)]
    [InlineData(0xFFFF)]
    public void A_header_that_points_to_no_version_has_none(ushort offset) => KernelImage.ReleaseOf(Image(offset, "7.3.4 x\0")).Should().BeNull();

    [Fact]
    public void What_is_no_image_has_none()
    {
        var image = Image(0x300, "7.3.4 x\0");
        image[0x202] = (byte)'h';

        KernelImage.ReleaseOf(image).Should().BeNull();
        KernelImage.ReleaseOf([]).Should().BeNull();
        KernelImage.ReleaseOf(new byte[0x20F]).Should().BeNull();
    }

    private static byte[] Image(ushort offset, string version)
    {
        var image = new byte[0x500 + version.Length];
        "HdrS"u8.CopyTo(image.AsSpan(0x202));
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(0x20E), offset);
        System.Text.Encoding.ASCII.GetBytes(version).CopyTo(image, 0x500);
        return image;
    }
}
