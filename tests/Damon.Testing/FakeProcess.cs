using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Damon.Engine.Host;

namespace Damon.Testing;

/// <summary>
/// A process of a <see cref="FakeHost"/>: stat, status, maps, smaps, clear_refs and pagemap that agree with each other. Change it, then look through the code under test again.
/// </summary>
public sealed class FakeProcess
{
    public const ulong PageBytes = 4096;

    private readonly FakeHost _host;
    private List<FakeMapping> _mappings;

    internal FakeProcess(FakeHost host, int pid, int parent, ulong startTimeTicks, string command, IEnumerable<FakeMapping> mappings)
    {
        _host = host;
        Pid = pid;
        ParentPid = parent;
        StartTimeTicks = startTimeTicks;
        Command = command;
        _mappings = [.. mappings];
        _host.Write(Path("clear_refs"), "");
        _host.Write(Path("pagemap"), "");
        WriteStat();
        WriteMappings();
    }

    public int Pid { get; }

    public int ParentPid { get; }

    public ulong StartTimeTicks { get; private set; }

    public string Command { get; }

    public char State { get; private set; } = 'S';

    /// <summary>Where the code starts; another value is another program image.</summary>
    public ulong StartCode { get; private set; } = 0x5600_0000_0000;

    public ProcessIdentity Identity => new(Pid, StartTimeTicks);

    /// <summary>What was last written to clear_refs.</summary>
    public string ClearRefs => _host.ReadText(Path("clear_refs"));

    public string Path(string file) => $"/proc/{Pid}/{file}";

    public FakeProcess Map(params FakeMapping[] mappings)
    {
        _mappings = [.. mappings];
        WriteMappings();
        return this;
    }

    /// <summary>Accessed from now on: so many bytes of the mapping that starts there.</summary>
    public FakeProcess Reference(ulong start, ulong bytes)
    {
        _mappings = [.. _mappings.Select(m => m.Start == start ? m with { ReferencedBytes = bytes } : m)];
        WriteMappings();
        return this;
    }

    /// <summary>Writes one pagemap entry.</summary>
    public FakeProcess Entry(ulong address, ulong bits)
    {
        Span<byte> entry = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(entry, bits);
        _host.WriteAt(Path("pagemap"), (long)(address / PageBytes * sizeof(ulong)), entry);
        return this;
    }

    /// <summary>A page in memory.</summary>
    public FakeProcess Page(ulong address, ulong frame, bool exclusive = true, bool file = false) =>
        Entry(address, frame | (1UL << 63) | (exclusive ? 1UL << 56 : 0) | (file ? 1UL << 61 : 0));

    /// <summary>A page in swap.</summary>
    public FakeProcess Swapped(ulong address) => Entry(address, 1UL << 62);

    /// <summary>No page.</summary>
    public FakeProcess Absent(ulong address) => Entry(address, 0);

    /// <summary>The same process runs another program: same pid and start time, new addresses.</summary>
    public FakeProcess Exec()
    {
        StartCode += 0x1_0000_0000;
        WriteStat();
        return this;
    }

    /// <summary>Ended, not yet collected by its parent.</summary>
    public FakeProcess BecomeZombie()
    {
        State = 'Z';
        WriteStat();
        _host.Write(Path("maps"), "").Write(Path("smaps"), "").Write(Path("pagemap"), "");
        return this;
    }

    /// <summary>The pid now belongs to a later process.</summary>
    public FakeProcess BeReplaced(ulong startTimeTicks)
    {
        StartTimeTicks = startTimeTicks;
        WriteStat();
        return this;
    }

    /// <summary>Ended and collected: nothing is left, and what is still open gives nothing.</summary>
    public void Vanish() => _host.Remove($"/proc/{Pid}");

    /// <summary>What /proc/PID/stat says of a process.</summary>
    internal static string StatText(int pid, string command, char state, int parentPid, ulong startTimeTicks, ulong startCode) => string.Create(
        CultureInfo.InvariantCulture,
        $"{pid} ({command}) {state} {parentPid} {pid} {pid} 0 -1 4194304 100 0 0 0 7 3 0 0 20 0 2 0 {startTimeTicks} 10000000 250 18446744073709551615 {startCode} {startCode + 0x5000} {startCode + 0x70} 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0 {startCode + 0x10} {startCode + 0x20} {startCode + 0x30} 1 2 3 4 0\n");

    private void WriteStat() => _host.Write(Path("stat"), StatText(Pid, Command, State, ParentPid, StartTimeTicks, StartCode));

    private void WriteMappings()
    {
        var maps = new StringBuilder();
        var smaps = new StringBuilder();
        foreach (var m in _mappings)
        {
            var line = string.Create(CultureInfo.InvariantCulture, $"{m.Start:x}-{m.End:x} {m.Permissions} 00000000 {(m.Path.StartsWith('/') ? "fe:00 4711" : "00:00 0")} {m.Path}").TrimEnd();
            maps.Append(line).Append('\n');
            smaps.Append(line).Append('\n');
            Append(smaps, "Size", m.End - m.Start);
            Append(smaps, "KernelPageSize", PageBytes);
            Append(smaps, "Rss", m.RssBytes);
            Append(smaps, "Pss", m.RssBytes);
            Append(smaps, "Pss_Dirty", 0);
            Append(smaps, "Referenced", m.ReferencedBytes);
            Append(smaps, "Anonymous", m.AnonymousBytes);
            Append(smaps, "AnonHugePages", m.AnonHugePagesBytes);
            Append(smaps, "Swap", m.SwapBytes);
            Append(smaps, "SwapPss", m.SwapBytes);
            Append(smaps, "Locked", m.LockedBytes);
            smaps.Append("THPeligible:           0\nVmFlags: ").Append(m.VmFlags).Append(" \n");
        }

        _host.Write(Path("maps"), maps.ToString());
        _host.Write(Path("smaps"), smaps.ToString());
        _host.Write(
            Path("status"),
            string.Create(
                CultureInfo.InvariantCulture,
                $"Name:\t{Command}\nUid:\t1000\t1000\t1000\t1000\nNSpid:\t{Pid}\nVmLck:\t{Sum(m => m.LockedBytes)} kB\nVmRSS:\t{Sum(m => m.RssBytes)} kB\nVmSwap:\t{Sum(m => m.SwapBytes)} kB\nCapEff:\t0000000000000000\n"));

        ulong Sum(Func<FakeMapping, ulong> size) => _mappings.Aggregate(0UL, (sum, m) => sum + size(m)) / 1024;
    }

    private static void Append(StringBuilder text, string name, ulong bytes) =>
        text.Append(CultureInfo.InvariantCulture, $"{name + ":",-16} {bytes / 1024,8} kB\n");
}
