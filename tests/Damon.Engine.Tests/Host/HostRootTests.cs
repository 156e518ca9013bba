using Damon.Engine.Host;
using Damon.Testing;

namespace Damon.Engine.Tests.Host;

public class HostRootTests
{
    [Theory]
    [InlineData("/proc/../etc/passwd")]
    [InlineData("/sys/fs/cgroup/..")]
    [InlineData("relative")]
    [InlineData("/a\0b")]
    public void A_path_that_climbs_or_lies_is_refused_as_a_value(string path)
    {
        using var host = new FakeHost();
        host.Root.Open(path).Error.Kind.Should().Be(HostErrorKind.Malformed);
        host.Root.Identify(path).Error.Kind.Should().Be(HostErrorKind.Malformed);
        host.Root.List(path, new List<HostDirectoryEntry>()).Error.Kind.Should().Be(HostErrorKind.Malformed);
    }

    [Fact]
    public void A_relative_root_is_a_bug() => FluentActions.Invoking(() => new HostRoot("proc")).Should().Throw<ArgumentException>();

    [Fact]
    public void What_is_not_there_has_vanished()
    {
        using var host = new FakeHost();
        host.Root.Open("/proc/42/maps").Error.Should().Be(new HostError(HostErrorKind.Vanished, "/proc/42/maps", "", 2));
        host.Root.Exists("/proc/42").Should().BeFalse();
        host.Root.List("/proc/42", new List<HostDirectoryEntry>()).Error.Kind.Should().Be(HostErrorKind.Vanished);
    }

    [Fact]
    public void Opening_never_creates()
    {
        using var host = new FakeHost();
        host.Root.Open("/proc/new", HostFileAccess.Write).Error.Kind.Should().Be(HostErrorKind.Vanished);
        host.Root.Exists("/proc/new").Should().BeFalse();
    }

    [Fact]
    public void A_long_listing_is_complete_and_tells_directories_from_files()
    {
        using var host = new FakeHost();
        for (var i = 0; i < 1500; i++)
        {
            host.Write($"/list/file-with-a-rather-long-name-{i}", "");
        }

        host.MakeDirectory("/list/folder");
        var entries = new List<HostDirectoryEntry>();
        host.Root.List("/list", entries).Value.Should().Be(1501);
        entries.Select(e => e.Name).Should().OnlyHaveUniqueItems();
        entries.Where(e => e.IsDirectory).Should().Equal(new HostDirectoryEntry("folder", true));
        host.Root.List("/list", entries, maxEntries: 10).Value.Should().Be(10);
    }

    [Theory]
    [InlineData(1, HostErrorKind.Denied)]
    [InlineData(2, HostErrorKind.Vanished)]
    [InlineData(3, HostErrorKind.Vanished)]
    [InlineData(4, HostErrorKind.TryAgain)]
    [InlineData(5, HostErrorKind.Failed)]
    [InlineData(11, HostErrorKind.TryAgain)]
    [InlineData(12, HostErrorKind.Failed)]
    [InlineData(13, HostErrorKind.Denied)]
    [InlineData(16, HostErrorKind.Busy)]
    [InlineData(19, HostErrorKind.Vanished)]
    [InlineData(22, HostErrorKind.Unsupported)]
    [InlineData(24, HostErrorKind.TryAgain)]
    [InlineData(30, HostErrorKind.Denied)]
    [InlineData(38, HostErrorKind.Unsupported)]
    [InlineData(95, HostErrorKind.Unsupported)]
    public void Every_error_number_has_one_meaning(int errno, HostErrorKind kind) => HostErrors.From(-errno, "x").Should().Match<HostError>(e => e.Kind == kind && e.Errno == errno);

    [Fact]
    public void Reading_again_allocates_nothing_once_the_buffer_has_grown()
    {
        using var host = FakeHost.With(("/proc/meminfo", new string('x', 100_000)));
        using var file = host.Root.Open("/proc/meminfo").Value;
        var reader = new HostReader();
        reader.Read(file).Value.Should().Be(100_000);
        Allocations.Of(() => reader.Read(file)).Should().Be(0);
    }

    [Fact]
    public void A_file_that_reaches_the_bound_is_an_error_and_never_cut()
    {
        using var host = FakeHost.With(("/a", new string('x', 99)), ("/b", new string('x', 100)));
        var reader = new HostReader(maxBytes: 100);
        host.Root.Read("/a", reader).Value.Should().Be(99);
        host.Root.Read("/b", reader).Error.Kind.Should().Be(HostErrorKind.Malformed);
        reader.Content.Length.Should().Be(0);
    }
}
