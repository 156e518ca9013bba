using CsCheck;
using Damon.Engine.Host;
using Damon.NodeAgent.Pods;
using Damon.Testing;

namespace Damon.NodeAgent.Tests.Pods;

public class CgroupFiguresReaderTests
{
    private const string Group = "/sys/fs/cgroup/a";
    private const string Stat = "anon 4096\nfile 8192\nworkingset_refault_anon 3\nworkingset_refault_file 4\n";
    private const string Psi = "some avg10=1.50 avg60=0.25 avg300=0.00 total=77\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=7\n";

    private static readonly (string File, string Content, Func<CgroupFigures, HostErrorKind> Kind)[] Files =
    [
        ("memory.current", "12288\n", figures => figures.CurrentBytes.Error.Kind),
        ("memory.min", "0\n", figures => figures.MinBytes.Error.Kind),
        ("memory.low", "max\n", figures => figures.LowBytes.Error.Kind),
        ("memory.swap.current", "4096\n", figures => figures.SwapCurrentBytes.Error.Kind),
        ("memory.events", "low 0\nhigh 1\nmax 2\noom 3\noom_kill 4\noom_group_kill 0\n", figures => figures.OomKills.Error.Kind),
        ("memory.stat", Stat, figures => figures.Stat.Error.Kind),
        ("memory.pressure", Psi, figures => figures.MemoryPressure.Error.Kind),
        ("io.pressure", Psi, figures => figures.IoPressure.Error.Kind),
    ];

    public static TheoryData<string> Names => [.. Files.Select(file => file.File)];

    [Fact]
    public void All_figures_of_a_group_are_read_at_once()
    {
        using var host = NewHost();
        var figures = Read(host).Value;

        figures.CurrentBytes.Value.Should().Be(12288);
        figures.MinBytes.Value.Should().Be(0);
        figures.LowBytes.Value.Should().Be(CgroupValue.Max);
        figures.SwapCurrentBytes.Value.Should().Be(4096);
        figures.OomKills.Value.Should().Be(4);
        figures.Stat.Value.RefaultsAnon.Should().Be(3);
        figures.Stat.Value.RefaultsFile.Should().Be(4);
        figures.MemoryPressure.Value.Some.Average10Percent.Should().Be(1.5);
        figures.IoPressure.Value.Full.TotalMicroseconds.Should().Be(7);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_file_that_is_not_there_or_cut_short_takes_no_other_figure_with_it(string name)
    {
        using var host = NewHost();
        host.Remove($"{Group}/{name}");
        Check(HostErrorKind.Vanished);
        host.Write($"{Group}/{name}", "");
        Check(HostErrorKind.Malformed);
        host.Write($"{Group}/{name}", "nonsense");
        Check(HostErrorKind.Malformed);

        void Check(HostErrorKind kind)
        {
            var figures = Read(host).Value;
            foreach (var file in Files)
            {
                file.Kind(figures).Should().Be(file.File == name ? kind : HostErrorKind.None, file.File);
            }
        }
    }

    [Fact]
    public void Figures_of_another_group_of_the_same_name_are_not_given()
    {
        using var host = NewHost();
        var identity = Identity(host);
        var reader = new CgroupFiguresReader(host.Root);
        reader.Read(identity with { File = identity.File with { Inode = identity.File.Inode + 1 } }).Error.Kind.Should().Be(HostErrorKind.Vanished);
        host.Remove(Group);
        reader.Read(identity).Error.Kind.Should().Be(HostErrorKind.Vanished);
    }

    [Fact]
    public void Without_version_2_figures_are_unsupported_with_a_reason()
    {
        using var host = NewHost();
        var error = new CgroupFiguresReader(host.Root).Read(Identity(host) with { HasFigures = false }).Error;
        error.Kind.Should().Be(HostErrorKind.Unsupported);
        error.Detail.Should().Contain("version 2");
    }

    [Fact]
    public void Whatever_the_files_hold_they_are_values() =>
        Gen.Select(Gen.Int[0, Files.Length - 1], Gen.Byte.Array[0, 200]).Sample(
            (index, content) =>
            {
                using var host = NewHost();
                host.Write($"{Group}/{Files[index].File}", content);
                Enum.IsDefined(Files[index].Kind(Read(host).Value)).Should().BeTrue();
            },
            iter: 200);

    private static FakeHost NewHost()
    {
        var host = new FakeHost();
        foreach (var (file, content, _) in Files)
        {
            host.Write($"{Group}/{file}", content);
        }

        return host;
    }

    private static CgroupIdentity Identity(FakeHost host) => new("/a", Group, host.Root.Identify(Group).Value, HasFigures: true);

    private static HostResult<CgroupFigures> Read(FakeHost host) => new CgroupFiguresReader(host.Root).Read(Identity(host));
}
