#pragma warning disable RS0030, CA1416 // Files of the test's own folder; Linux only, like all of this product.
using System.Text;
using CsCheck;
using Damon.Engine.Host;
using Damon.NodeAgent.Plans;
using Damon.Testing;

namespace Damon.NodeAgent.Tests.Plans;

public sealed class PlanStoreTests : IDisposable
{
    private const string Path = "/var/lib/damon/plan";

    private static readonly StoredPlan Plan = new(
        StoredDocument.Of(PlanDocuments.Node("Enforce", PlanDocuments.Scheme("a"))), StoredDocument.Absent, new DateTimeOffset(2026, 11, 23, 4, 5, 6, TimeSpan.Zero));

    private readonly string _root = Directory.CreateTempSubdirectory("damon-plan-").FullName;
    private readonly HostRoot _host;
    private readonly PlanStore _store;

    public PlanStoreTests()
    {
        _host = new(_root);
        _store = new(new DurableFile(_host, Path, PlanStore.MaxBytes));
    }

    private string File => _root + Path;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void What_was_kept_is_there_again()
    {
        _store.Save(Plan).IsOk.Should().BeTrue();
        var loaded = _store.Load().Value;
        loaded.Node.Json.ToArray().Should().Equal(Plan.Node.Json.ToArray());
        (loaded.Config, loaded.LastAnswerAt).Should().Be((StoredDocument.Absent, Plan.LastAnswerAt));
        (System.IO.File.GetUnixFileMode(File), System.IO.File.Exists(File + ".new")).Should().Be((UnixFileMode.UserRead | UnixFileMode.UserWrite, false));
    }

    [Fact]
    public void What_is_not_known_is_kept_as_not_known()
    {
        _store.Save(new(default, default, null));
        _store.Load().Value.Should().Be(new StoredPlan(default, default, null));
    }

    [Fact]
    public void The_new_one_takes_the_place_of_the_old_one()
    {
        _store.Save(Plan);
        _store.Save(Plan with { Node = StoredDocument.Absent });
        _store.Load().Value.Node.Should().Be(StoredDocument.Absent);
    }

    [Fact]
    public void Where_nothing_was_kept_there_is_nothing() => _store.Load().Error.Kind.Should().Be(HostErrorKind.Vanished);

    [Fact]
    public void A_file_that_is_cut_anywhere_is_no_plan()
    {
        var content = PlanStore.Format(Plan);
        for (var length = 0; length < content.Length; length++)
            PlanStore.Parse(content.AsMemory(0, length)).Error.Kind.Should().Be(HostErrorKind.Malformed, $"of {content.Length} bytes there are {length}");
        PlanStore.Parse(content).IsOk.Should().BeTrue();
    }

    [Fact]
    public void A_file_with_any_byte_changed_is_no_plan()
    {
        var content = PlanStore.Format(Plan);
        Gen.Select(Gen.Int[0, content.Length - 1], Gen.Byte[1, 255]).Sample((at, change) =>
        {
            var changed = content.ToArray();
            changed[at] ^= change;
            return PlanStore.Parse(changed).Error.Kind == HostErrorKind.Malformed;
        }, iter: 2000);
    }

    [Fact]
    public void Hostile_content_with_a_good_checksum_is_an_answer()
    {
        foreach (var body in (string[])["", "[]", "{", "{\"node\":5}", "{\"node\":\"=\"}", "{\"node\":{}}", "{\"lastAnswerAt\":7}", "{\"lastAnswerAt\":\"x\"}", "{\"more\":1}"])
        {
            var bytes = Encoding.UTF8.GetBytes(body);
            var header = $"damon-plan 1 {bytes.Length} {Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes))}\n";
            PlanStore.Parse((byte[])[.. Encoding.ASCII.GetBytes(header), .. bytes]).Error.Kind.Should().Be(HostErrorKind.Malformed, body);
        }
    }

    [Fact]
    public void Another_version_is_no_plan()
    {
        var content = Encoding.ASCII.GetString(PlanStore.Format(Plan)).Replace("damon-plan 1 ", "damon-plan 2 ", StringComparison.Ordinal);
        PlanStore.Parse(Encoding.ASCII.GetBytes(content)).Error.Detail.Should().Contain("another version");
    }

    [Fact]
    public void Any_bytes_are_answered() => Gen.Byte.Array[0, 300].Sample(bytes => PlanStore.Parse(bytes).Error.Kind == HostErrorKind.Malformed, iter: 2000);

    // What others could have written is not believed, and the reason says what to do.
    [Theory]
    [InlineData("plan", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherWrite)]
    [InlineData("plan", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupWrite)]
    [InlineData("", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherWrite)]
    public void A_file_that_others_may_write_is_not_believed(string name, UnixFileMode mode)
    {
        _store.Save(Plan);
        System.IO.File.SetUnixFileMode(System.IO.Path.Combine(System.IO.Path.GetDirectoryName(File)!, name), mode);
        _store.Load().Error.Should().Match<HostError>(error => error.Kind == HostErrorKind.Denied && error.Detail.Contains("remove"));
    }

    [Fact]
    public void A_file_of_another_user_is_not_believed()
    {
        _store.Save(Plan);
        new PlanStore(new DurableFile(_host, Path, PlanStore.MaxBytes, FileOwner.CurrentUserId + 1)).Load().Error
            .Should().Match<HostError>(error => error.Kind == HostErrorKind.Denied && error.Detail.Contains("belongs to the user"));
    }

    [Fact]
    public void A_link_is_not_followed()
    {
        _store.Save(Plan);
        System.IO.File.Move(File, File + ".real");
        System.IO.File.CreateSymbolicLink(File, File + ".real");
        _store.Load().Error.Kind.Should().Be(HostErrorKind.Denied);
        System.IO.File.CreateSymbolicLink(File + ".new", File + ".real");
        _store.Save(Plan with { Node = StoredDocument.Absent }).IsOk.Should().BeTrue();
        PlanStore.Parse(System.IO.File.ReadAllBytes(File + ".real")).Value.Node.IsPresent.Should().BeTrue("what the link names is untouched");
        _store.Load().Value.Node.Should().Be(StoredDocument.Absent);
    }

    [Fact]
    public void A_folder_in_place_of_the_file_is_an_answer()
    {
        Directory.CreateDirectory(File, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _store.Load().Error.Kind.Should().Be(HostErrorKind.Denied);
        _store.Save(Plan).IsOk.Should().BeFalse();
    }

    [Fact]
    public void A_file_that_is_too_long_is_not_read()
    {
        _store.Save(Plan);
        new PlanStore(new DurableFile(_host, Path, maxBytes: 10)).Load().Error.Kind.Should().Be(HostErrorKind.Malformed);
    }

    [Fact]
    public void Where_writing_fails_the_old_plan_is_still_there()
    {
        _store.Save(Plan);
        Directory.CreateDirectory(File + ".new");
        _store.Save(Plan with { Node = StoredDocument.Absent }).IsOk.Should().BeFalse();
        _store.Load().Value.Node.IsPresent.Should().BeTrue();
    }

    [Theory]
    [InlineData(28, HostErrorKind.Failed, "free some space")]
    [InlineData(122, HostErrorKind.Failed, "raise it")]
    [InlineData(30, HostErrorKind.Denied, "writable volume")]
    public void What_the_disk_refuses_comes_with_a_remedy(int errno, HostErrorKind kind, string remedy) =>
        DurableFile.Explain(new IOException("x", errno), Path).Should().Match<HostError>(error => error.Kind == kind && error.Detail.Contains(remedy) && error.Errno == errno);

    [Fact]
    public void A_folder_that_may_not_be_written_comes_with_a_remedy() =>
        DurableFile.Explain(new UnauthorizedAccessException(), Path).Should().Match<HostError>(error => error.Kind == HostErrorKind.Denied && error.Detail.Contains("writable volume"));

    [Theory]
    [InlineData("plan")]
    [InlineData("/plan")]
    [InlineData("/a/../plan")]
    [InlineData("/a/")]
    public void A_path_that_is_no_file_in_a_folder_is_refused(string path) => FluentActions.Invoking(() => new DurableFile(_host, path, 10)).Should().Throw<ArgumentException>();
}
