using System.Text;
using CsCheck;
using Damon.Engine.Host;
using Damon.Testing;

namespace Damon.Engine.Tests.Host;

/// <summary>What looks at processes and control groups, while their files are garbled, cut, far too long or gone: it answers with values, and never gives a process another identity than its own.</summary>
public class DamagedHostTests
{
    private const string Group = "/sys/fs/cgroup/app";
    private const string SizeFile = "/sys/kernel/mm/transparent_hugepage/hpage_pmd_size";
    private const int HugeBytes = 17 << 20;
    private static readonly string[] Files =
    [
        "/proc/10/stat", "/proc/11/stat", "/proc/12/stat", Group + "/cgroup.procs", Group + "/child/cgroup.procs", "/sys/fs/cgroup/cgroup.controllers", SizeFile,
    ];

    [Fact]
    public void Whatever_happens_to_its_files_a_host_is_answered_for_by_values() =>
        Gen.Select(Gen.Int[0, Files.Length - 1], Gen.Enum<Damage>(), DamagedText.Of("10 (app) S 11 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 1000\n")).Array[1, 4].Sample(
            damages =>
            {
                using var host = NewHost();
                ProcessIdentity[] all = [.. new[] { 10, 11, 12 }.Select(pid => ProcessTree.Identify(host.Root, pid).Value)];
                using var watch = ProcessWatch.Open(host.Root, all[1]).Value;
                foreach (var (file, damage, content) in damages)
                {
                    Harm(host, Files[file], damage, content);
                }

                var found = new List<ProcessIdentity>();
                ProcessTree.Find(host.Root, all, found).IsOk.Should().BeTrue();
                found.Should().OnlyHaveUniqueItems();
                found.Where(one => !IsItself(host, one)).Should().BeEmpty();
                CgroupProcesses.Find(host.Root, Group, found);
                found.Should().OnlyHaveUniqueItems();
                found.Where(one => !IsItself(host, one)).Should().BeEmpty();
                Enum.IsDefined(watch.Check()).Should().BeTrue();
                foreach (var one in all)
                {
                    var now = ProcessTree.Identify(host.Root, one.Pid);
                    (now.IsOk ? IsItself(host, now.Value) : now.Error.Kind is HostErrorKind.Vanished or HostErrorKind.Malformed).Should().BeTrue();
                }

                Enum.IsDefined(CgroupLayout.Detect(host.Root).Version).Should().BeTrue();
                var size = TransparentHugePages.ReadSizeBytes(host.Root);
                (ulong.IsPow2(size) && size is >= 4096 and <= 1 << 30).Should().BeTrue();
            },
            iter: 200);

    [Fact]
    public void What_is_harmed_costs_nobody_else()
    {
        foreach (var damage in Enum.GetValues<Damage>())
        {
            using var host = NewHost();
            var root = ProcessTree.Identify(host.Root, 10).Value;
            Harm(host, "/proc/12/stat", damage, "garbage"u8.ToArray());
            var found = new List<ProcessIdentity>();
            ProcessTree.Find(host.Root, [root], found);
            found.Select(one => one.Pid).Should().Equal(10, 11);
            CgroupProcesses.Find(host.Root, Group, found).IsOk.Should().BeTrue();
            found.Select(one => one.Pid).Should().Equal(10, 11);
        }
    }

    private static FakeHost NewHost()
    {
        var host = FakeHost.With(
            (Group + "/cgroup.procs", "10\n"), (Group + "/child/cgroup.procs", "11\n12\n"), ("/sys/fs/cgroup/cgroup.controllers", "cpu memory\n"), (SizeFile, "2097152\n"));
        host.Process(10);
        host.Process(11, parent: 10, startTimeTicks: 1001);
        host.Process(12, parent: 10, startTimeTicks: 1002);
        return host;
    }

    private static void Harm(FakeHost host, string file, Damage damage, byte[] content)
    {
        _ = damage switch
        {
            Damage.Garbled => host.Write(file, content),
            Damage.Cut => host.Root.Exists(file) ? host.Write(file, host.ReadText(file)[..(host.ReadText(file).Length / 4)]) : host,
            Damage.Huge => host.Write(file, Encoding.UTF8.GetBytes(new string('1', HugeBytes))),
            _ => host.Root.Exists(file) ? host.Remove(file) : host,
        };
    }

    /// <summary>Whether the file says now that it is that process.</summary>
    private static bool IsItself(FakeHost host, ProcessIdentity process)
    {
        var reader = new HostReader();
        return host.Root.Read($"/proc/{process.Pid}/stat", reader).IsOk && ProcStat.TryParse(reader.Content, out var stat) && stat.Identity == process;
    }

    private enum Damage
    {
        Garbled,
        Cut,
        Huge,
        Vanished,
    }
}
