using Damon.Testing;

namespace Damon.Lab.Tests.Kernels;

public class KernelPinsTests
{
    private static readonly string Sum = new('a', 64);

    [Fact]
    public void The_shipped_pins_are_in_order()
    {
        var pins = KernelPins.Parse(RepositoryFiles.Text("tests/lab/kernels.ini"));

        pins.Select(pin => pin.Name).Should().Equal("debian-6.12", "debian-7.3", "idle-page");
        pins.Where(pin => pin.ImageVariable is null).Should().OnlyContain(pin => pin.Packages[0].Path.Contains(pin.Release!));
    }

    [Fact]
    public void A_section_is_read_in_full()
    {
        var pin = KernelPins.Parse($"# text\n[one]\nrelease = 1.2\nsuite = s\npackage = pool/a.deb {Sum}\npackage = pool/b.deb {Sum}\nmodules =\nhas = damon-stat idle-page\n").Should().ContainSingle().Subject;

        pin.Name.Should().Be("one");
        pin.Release.Should().Be("1.2");
        pin.ImageVariable.Should().BeNull();
        pin.Packages.Should().Equal(("pool/a.deb", Sum), ("pool/b.deb", Sum));
        pin.Has.Should().Equal("damon-stat", "idle-page");
    }

    [Fact]
    public void An_image_stands_in_for_packages()
    {
        var pin = KernelPins.Parse("[one]\nimage = VARIABLE\n").Should().ContainSingle().Subject;

        (pin.ImageVariable, pin.Release, pin.Packages.Count).Should().Be(("VARIABLE", null, 0));
    }

    [Theory]
    [InlineData("[one]\nimage = V\n[one]\nimage = V\n", "line 3", "twice")]
    [InlineData("[one]\nimage = V\nimage = W\n", "line 3", "twice")]
    [InlineData("[one]\nrelaese = 1\n", "line 2", "relaese")]
    [InlineData("[one]\nimage V\n", "line 2", "image V")]
    [InlineData("image = V\n", "line 1", "no section")]
    [InlineData("\n[one]\n", "line 2", "either packages or an image")]
    [InlineData("[one]\nimage = V\npackage = pool/a.deb aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n", "line 1", "either packages or an image")]
    [InlineData("[one]\nrelease = 1\nsuite = s\npackage = pool/a.deb abc\n", "line 1", "SHA-256")]
    [InlineData("[one]\nrelease = 1\nsuite = s\npackage = https://there/a.deb aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n", "line 1", "below the mirror")]
    [InlineData("[one]\nsuite = s\npackage = pool/a.deb aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n", "line 1", "release")]
    [InlineData("[one]\nimage = V\nhas = wings\n", "line 1", "wings")]
    public void What_is_wrong_is_told_with_its_line(string text, string line, string what) =>
        FluentActions.Invoking(() => KernelPins.Parse(text)).Should().Throw<FormatException>().WithMessage($"*{line}:*{what}*");
}
