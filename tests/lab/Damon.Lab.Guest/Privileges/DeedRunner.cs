using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Damon.Engine.Host;
using Damon.Lab.Guest.Programs;

namespace Damon.Lab.Guest.Privileges;

/// <summary><c>do PID GROUP ADDRESS…</c>: does every deed of the table once, on a process that holds memory, and says what came of each. It asks the kernel itself: what the engine makes of it is another test's.</summary>
internal sealed class DeedRunner
{
    public const string Verb = "do";
    public const string Absent = "absent";

    /// <summary>Where the test mounts another <c>/proc</c>, which hides.</summary>
    public const string HiddenRoot = "/tmp/hidden";

    private const int Port = 9855;
    private const string NrKdamonds = "/sys/kernel/mm/damon/admin/kdamonds/nr_kdamonds";

    // asm-generic/mman-common.h, linux/mempolicy.h.
    private const int WillNeed = 3;
    private const int HugePage = 14;
    private const int Cold = 20;
    private const int Pageout = 21;
    private const int Collapse = 25;
    private const int MoveOwnPages = 2;
    private const int SlowNode = 1;

    private readonly HostRoot _host;
    private readonly int _process;
    private readonly string _group;
    private readonly HeldMemory _held;
    private readonly int _pidfd;

    public DeedRunner(HostRoot host, int process, string group, HeldMemory held)
    {
        (_host, _process, _group, _held) = (host, process, group, held);
        _pidfd = (int)SystemCalls.Make("pidfd_open", process);
    }

    /// <summary>A module's switch that this kernel has; nothing where it has none.</summary>
    public static string? ModuleSwitch(HostRoot host) =>
        ((string[])["damon_stat", "damon_reclaim"]).Select(module => $"/sys/module/{module}/parameters/enabled").FirstOrDefault(host.Exists);

    public static async Task RunAsync(HostRoot host, IReadOnlyList<string> arguments, TextWriter output)
    {
        var runner = new DeedRunner(host, int.Parse(arguments[0]), arguments[1], HeldMemory.Parse([.. arguments.Skip(2)]));
        foreach (var deed in Enum.GetValues<Deed>())
            await output.WriteLineAsync($"{deed}\t{runner.Do(deed)}");
        await output.FlushAsync();
    }

    private string Do(Deed deed) => deed switch
    {
        Deed.ReadIdentity => Read($"/proc/{_process}/stat", $"/proc/{_process}/status", $"/proc/{_process}/cgroup"),
        Deed.ReadCgroup => Read($"{_group}/cgroup.procs", $"{_group}/memory.stat", $"{_group}/memory.current", $"{_group}/memory.pressure", $"{_group}/memory.events"),
        Deed.ReadMappings => Read($"/proc/{_process}/maps", $"/proc/{_process}/smaps", $"/proc/{_process}/smaps_rollup", $"/proc/{_process}/numa_maps"),
        Deed.NoticeExec => ReadImage(),
        Deed.SeeHidden => ReadOne(new HostRoot(HiddenRoot), $"/proc/{_process}/stat"),
        Deed.OpenPageMap => Open($"/proc/{_process}/pagemap", HostFileAccess.Read, _ => PrivilegeRow.Done),
        Deed.ReadFrames => Open($"/proc/{_process}/pagemap", HostFileAccess.Read, ReadFrame),
        Deed.ReadPageFlags => Both(Open("/proc/kpageflags", HostFileAccess.Read, ReadWord), Open("/proc/kpagecgroup", HostFileAccess.Read, ReadWord)),
        Deed.MarkIdle => _host.Exists("/sys/kernel/mm/page_idle/bitmap")
            ? Open("/sys/kernel/mm/page_idle/bitmap", HostFileAccess.ReadWrite, file => Both(ReadWord(file), Write(file, new byte[sizeof(ulong)])))
            : Absent,
        Deed.ClearReferenced => Open($"/proc/{_process}/clear_refs", HostFileAccess.Write, file => Write(file, "1"u8)),
        Deed.OpenPidfd => NameOf(_pidfd),
        Deed.AdviseCold => Advise(_held.Anonymous, HeldMemory.StretchBytes, Cold),
        Deed.AdviseWillNeed => Advise(_held.Anonymous + HeldMemory.StretchBytes, HeldMemory.StretchBytes, WillNeed),
        Deed.AdviseCollapse => Advise(_held.Huge, HeldMemory.HugeBytes, Collapse),
        Deed.AdvisePageout => Advise(_held.Anonymous + (2 * HeldMemory.StretchBytes), HeldMemory.StretchBytes, Pageout),
        Deed.PageOutFile => Advise(_held.FirstFile, HeldMemory.StretchBytes, Pageout),
        Deed.AdviseOther => Advise(_held.Anonymous, HeldMemory.StretchBytes, HugePage),
        Deed.MovePages => Move(_held.Anonymous),
        Deed.Reclaim => Open($"{_group}/memory.reclaim", HostFileAccess.Write, file => Write(file, "65536"u8) is var said && said == "EAGAIN" ? PrivilegeRow.Done : said),
        Deed.DriveDamon => Open(NrKdamonds, HostFileAccess.Write, file => Write(file, "0"u8)),
        Deed.SwitchModule => ModuleSwitch(_host) is { } file && _host.ReadText(file).TryGet(out var value)
            ? Open(file, HostFileAccess.Write, opened => Write(opened, System.Text.Encoding.ASCII.GetBytes(value)))
            : Absent,
        Deed.Signal => NameOf(SystemCalls.Make("pidfd_send_signal", _pidfd)),
        Deed.Listen => Listen(),
        Deed.KeepState => KeepState(),
        _ => throw new ArgumentOutOfRangeException(nameof(deed), deed, "no such deed"),
    };

    /// <summary>The kernel's name of an error, or that there was none.</summary>
    private static string NameOf(long result) => result >= 0 ? PrivilegeRow.Done : -result switch
    {
        1 => "EPERM",
        2 => "ENOENT",
        3 => "ESRCH",
        11 => "EAGAIN",
        12 => "ENOMEM",
        13 => "EACCES",
        16 => "EBUSY",
        22 => "EINVAL",
        30 => "EROFS",
        38 => "ENOSYS",
        var other => $"error {other}",
    };

    private static string NameOf(HostError error) => error.Errno == 0 ? $"{error}" : NameOf(-error.Errno);

    private static string Both(string first, string second) => first == PrivilegeRow.Done ? second : first;

    private static string ReadOne(HostRoot host, string path) => host.Read(path, new HostReader()) is var read && read.IsOk ? PrivilegeRow.Done : NameOf(read.Error);

    private static string Write(HostFile file, ReadOnlySpan<byte> content) => file.WriteAt(content, 0) is var written && written.IsOk ? PrivilegeRow.Done : NameOf(written.Error);

    private static string ReadWord(HostFile file) => file.ReadAt(new byte[sizeof(ulong)], 0) is var read && read.IsOk ? PrivilegeRow.Done : NameOf(read.Error);

    private static string Listen()
    {
        using var listener = new TcpListener(IPAddress.Loopback, Port);
        try
        {
            listener.Start();
            return PrivilegeRow.Done;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode.ToString();
        }
    }

    /// <summary>What all files say, where they say the same; otherwise each.</summary>
    private string Read(params IReadOnlyList<string> paths)
    {
        var said = paths.Select(path => (Path: path, Result: ReadOne(_host, path))).ToList();
        return said.Select(entry => entry.Result).Distinct(StringComparer.Ordinal).Count() == 1 ? said[0].Result : string.Join(", ", said.Select(entry => $"{entry.Path} {entry.Result}"));
    }

    private string ReadImage()
    {
        var reader = new HostReader();
        return !_host.Read($"/proc/{_process}/stat", reader).IsOk || !ProcStat.TryParse(reader.Content, out var stat) ? "unreadable"
            : stat.Image is { StartStack: 0, StartData: 0, StartHeap: 0 } ? "addresses are 0"
            : PrivilegeRow.Done;
    }

    private string ReadFrame(HostFile file)
    {
        var entry = new byte[sizeof(ulong)];
        var read = file.ReadAt(entry, (long)(_held.Anonymous / (ulong)Environment.SystemPageSize * sizeof(ulong)));
        var bits = BitConverter.ToUInt64(entry);

        // Bit 63: the page is there; bits 0 to 54: its frame.
        return !read.IsOk ? NameOf(read.Error) : (bits >> 63) == 0 ? "no page is there" : (bits & ((1UL << 55) - 1)) == 0 ? "frames are 0" : PrivilegeRow.Done;
    }

    private string Open(string path, HostFileAccess access, Func<HostFile, string> use)
    {
        var opened = _host.Open(path, access);
        if (!opened.TryGet(out var file))
            return NameOf(opened.Error);
        using (file)
            return use(file);
    }

    private string Advise(ulong start, int bytes, int advice)
    {
        var result = SystemCalls.Make("process_madvise", _pidfd, SystemCalls.Place(start, (ulong)bytes), 1, advice);
        return result >= 0 && result != bytes ? $"only {result} bytes" : NameOf(result);
    }

    private string Move(ulong address)
    {
        var status = SystemCalls.Place(int.MinValue);
        var result = SystemCalls.Make("move_pages", _process, 1, SystemCalls.Place(address), SystemCalls.Place(SlowNode), status, MoveOwnPages);
        var node = Marshal.ReadInt32(status);
        return result == 0 && node != SlowNode ? $"the page's status is {node}" : NameOf(result);
    }

    private string KeepState()
    {
        try
        {
            GuestFiles.Write(_host, "/var/lib/damon/lab", "kept", ownerOnly: true);
            GuestFiles.Write(_host, "/run/damon/lab", "kept", ownerOnly: true);
            return PrivilegeRow.Done;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }
}
