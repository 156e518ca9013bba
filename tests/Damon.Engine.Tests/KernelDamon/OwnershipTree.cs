using System.Globalization;
using Damon.Engine.Host;
using Damon.Engine.KernelDamon;
using Damon.Testing;

namespace Damon.Engine.Tests.KernelDamon;

/// <summary>
/// As much of the kernel's DAMON as ownership looks at: a number that removes and makes folders when it is written, and for each folder a state, a thread and whether it was configured.
/// Threads appear in the fake host's /proc.
/// </summary>
internal sealed class OwnershipTree(FakeHost host) : IDamonTree
{
    private readonly List<Folder> _folders = [];
    private ulong _inode = 100;
    private int _thread = 9000;

    /// <summary>Every write, in order.</summary>
    public List<string> Writes { get; } = [];

    /// <summary>Called before a call of any kind is carried out.</summary>
    public Action<string>? Before { get; set; }

    /// <summary>Called after a write was carried out.</summary>
    public Action<string>? After { get; set; }

    /// <summary>Answers EBUSY to so many calls; below zero to all.</summary>
    public int BusyCalls { get; set; }

    /// <summary>Whether folders have numbers.</summary>
    public bool NumbersFolders { get; set; } = true;

    public int Count => _folders.Count;

    /// <summary>What another tool does: makes kdamonds and configures them.</summary>
    public OwnershipTree Recreate(int count, bool configured = true)
    {
        _folders.Clear();
        for (var i = 0; i < count; i++)
        {
            _folders.Add(new Folder(_inode++, configured));
        }

        return this;
    }

    public OwnershipTree Configure(int index)
    {
        _folders[index].IsConfigured = true;
        return this;
    }

    /// <summary>Turns one on, whoever does it, in a thread of its own.</summary>
    public OwnershipTree TurnOn(int index)
    {
        var thread = _thread++;
        _folders[index].IsConfigured = true;
        _folders[index].Thread = thread;
        host.Write($"/proc/{thread}/stat", Stat(thread, "kdamond.0", (ulong)thread * 10));
        return this;
    }

    public OwnershipTree TurnOff(int index)
    {
        if (_folders[index].Thread > 0)
        {
            host.Remove($"/proc/{_folders[index].Thread}");
        }

        _folders[index].Thread = -1;
        return this;
    }

    /// <summary>A line of /proc/PID/stat up to the start time.</summary>
    public static string Stat(int pid, string command, ulong startTicks) => $"{pid} ({command}) S 1 0 0 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 {startTicks} 0 0\n";

    public bool Exists(string path) => path == "kdamonds/nr_kdamonds" || TryFind(path, out _, out _);

    public HostResult<string> Read(string path)
    {
        Before?.Invoke("read " + path);
        if (IsBusy())
        {
            return new HostError(HostErrorKind.Busy, path, Errno: 16);
        }

        if (path == "kdamonds/nr_kdamonds")
        {
            return _folders.Count.ToString(CultureInfo.InvariantCulture);
        }

        return !TryFind(path, out var folder, out var file) ? new HostError(HostErrorKind.Vanished, path)
            : file switch
            {
                "state" => folder.Thread > 0 ? "on" : "off",
                "pid" => folder.Thread.ToString(CultureInfo.InvariantCulture),
                "contexts/nr_contexts" => folder.IsConfigured ? "1" : "0",
                _ => new HostError(HostErrorKind.Vanished, path),
            };
    }

    public HostResult<int> Write(string path, string text)
    {
        Before?.Invoke("write " + path);
        if (IsBusy())
        {
            return new HostError(HostErrorKind.Busy, path, Errno: 16);
        }

        Writes.Add($"{path}={text}");
        var written = Carry(path, text);
        After?.Invoke($"{path}={text}");
        return written;
    }

    public HostResult<IReadOnlyList<string>> List(string path) => new HostError(HostErrorKind.Unsupported, path);

    public HostResult<FileIdentity> Identify(string path) =>
        NumbersFolders && TryFind(path + "/", out var folder, out _) ? new FileIdentity(22, folder.Inode) : new HostError(HostErrorKind.Vanished, path);

    private HostResult<int> Carry(string path, string text)
    {
        if (path == "kdamonds/nr_kdamonds")
        {
            if (_folders.Exists(folder => folder.Thread > 0))
            {
                return new HostError(HostErrorKind.Busy, path, Errno: 16);
            }

            Recreate(int.Parse(text, CultureInfo.InvariantCulture), configured: false);
            return text.Length;
        }

        if (!TryFind(path, out var folder, out var file) || file != "state")
        {
            return new HostError(HostErrorKind.Vanished, path);
        }

        var index = _folders.IndexOf(folder);
        _ = text == "on" ? TurnOn(index) : TurnOff(index);
        return text.Length;
    }

    private bool IsBusy()
    {
        if (BusyCalls == 0)
        {
            return false;
        }

        BusyCalls = BusyCalls > 0 ? BusyCalls - 1 : BusyCalls;
        return true;
    }

    private bool TryFind(string path, out Folder folder, out string file)
    {
        var parts = path.Split('/', 3);
        file = parts.Length == 3 ? parts[2] : "";
        var isThere = parts.Length == 3 && parts[0] == "kdamonds" && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < _folders.Count;
        folder = isThere ? _folders[int.Parse(parts[1], CultureInfo.InvariantCulture)] : new Folder(0, false);
        return isThere;
    }

    private sealed class Folder(ulong inode, bool isConfigured)
    {
        public ulong Inode => inode;

        public bool IsConfigured { get; set; } = isConfigured;

        public int Thread { get; set; } = -1;
    }
}
