using System.Diagnostics.CodeAnalysis;
using Damon.Hosting.Processes;

namespace Damon.Hosting.Tests.Processes;

[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "The file lies in a temporary folder.")]
public sealed class OwnFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("damon-own-file-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(0, true)]
    [InlineData(10, true)]
    [InlineData(11, false)]
    [InlineData(10_000_000, false)]
    public void A_file_is_read_up_to_the_bound_and_no_further(int length, bool isRead)
    {
        var path = Path.Combine(_folder, "file");
        File.WriteAllText(path, new string('a', length));
        (OwnFile.ReadText(path, 10, out var error) is { } text).Should().Be(isRead);
        error.Should().Be(isRead ? "" : "it has more than 10 bytes");
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("")]
    public void What_cannot_be_read_is_a_value_with_the_reason(string name)
    {
        OwnFile.ReadText(Path.Combine(_folder, name), 10, out var error).Should().BeNull();
        error.Should().NotBeEmpty();
    }
}
