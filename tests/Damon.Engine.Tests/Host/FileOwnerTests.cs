#pragma warning disable RS0030, CA1416 // Files of the test's own folder; Linux only, like all of this product.
using Damon.Engine.Host;

namespace Damon.Engine.Tests.Host;

public sealed class FileOwnerTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("damon-owner-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite, false)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead, false)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.GroupWrite, true)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.OtherWrite, true)]
    public void Who_may_write_a_file_is_read_from_its_mode(UnixFileMode mode, bool isWritableByOthers)
    {
        File.WriteAllText($"{_root}/x", "");
        File.SetUnixFileMode($"{_root}/x", mode);
        new HostRoot(_root).ReadOwner("/x").Value.Should().Match<FileOwner>(owner =>
            owner.IsRegularFile && owner.IsWritableByOthers == isWritableByOthers && owner.UserId == FileOwner.CurrentUserId);
    }

    [Fact]
    public void A_folder_is_no_file_and_what_is_not_there_is_an_answer()
    {
        var host = new HostRoot(_root);
        host.ReadOwner("/").Value.IsRegularFile.Should().BeFalse();
        host.ReadOwner("/absent").Error.Kind.Should().Be(HostErrorKind.Vanished);
        host.ReadOwner("/../etc").Error.Kind.Should().Be(HostErrorKind.Malformed);
    }

    [Fact]
    public void A_folders_names_and_a_files_content_can_be_flushed()
    {
        File.WriteAllText($"{_root}/x", "");
        foreach (var path in (string[])["/", "/x"])
        {
            using var file = new HostRoot(_root).Open(path).Value;
            file.Flush().IsOk.Should().BeTrue();
        }
    }
}
