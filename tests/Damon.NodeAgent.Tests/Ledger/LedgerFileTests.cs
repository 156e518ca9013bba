using System.Diagnostics.CodeAnalysis;
using Damon.Engine.Host;
using Damon.NodeAgent.Ledger;
using Damon.Testing;

#pragma warning disable CA1416 // Linux only, like all of this product.

namespace Damon.NodeAgent.Tests.Ledger;

[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "Looks at the file that the product keeps.")]
public sealed class LedgerFileTests : IDisposable
{
    private readonly FakeHost _folder = new();

    private string Path => _folder.Folder + "/var/lib/damon/ledger";

    [Fact]
    public void What_was_written_is_there_for_the_next_one_and_only_the_owner_may_read_it()
    {
        using (var file = Open())
        {
            file.Read().Value.Should().BeEmpty();
            file.WriteAt(0, [1, 2, 3]).Kind.Should().Be(HostErrorKind.None);
            file.WriteAt(3, [4]).Kind.Should().Be(HostErrorKind.None);
        }

        using var next = Open();
        next.Read().Value.Should().Equal(1, 2, 3, 4);
        File.GetUnixFileMode(Path).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public void A_replacement_is_whole_and_writing_goes_on_behind_it()
    {
        using var file = Open();
        file.WriteAt(0, [1, 2, 3]);
        file.Replace([9]).Kind.Should().Be(HostErrorKind.None);
        file.WriteAt(1, [8]);
        file.Read().Value.Should().Equal(9, 8);
    }

    [Fact]
    public void One_process_has_it_at_a_time()
    {
        using (Open())
        {
            LedgerFile.Open(Path).Error.Kind.Should().Be(HostErrorKind.Busy);
        }

        Open().Dispose();
    }

    [Fact]
    public void What_others_could_have_written_is_not_believed()
    {
        using (var file = Open())
        {
            file.WriteAt(0, [1]);
        }

        File.SetUnixFileMode(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherWrite);
        using var next = Open();
        next.Read().Error.Kind.Should().Be(HostErrorKind.Denied);
    }

    [Fact]
    public void A_folder_in_its_place_is_an_error_and_no_crash()
    {
        _folder.MakeDirectory("/var/lib/damon/ledger");
        using var file = Open();
        file.WriteAt(0, [1]).Kind.Should().Be(HostErrorKind.Failed);
        file.Replace([1]).Kind.Should().Be(HostErrorKind.Failed);
    }

    public void Dispose() => _folder.Dispose();

    private LedgerFile Open() => LedgerFile.Open(Path).Value;
}
