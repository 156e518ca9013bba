using Damon.Engine.Host;
using Damon.Engine.KernelDamon;

namespace Damon.Testing.KernelDamon;

/// <summary>
/// The files of a kernel's DAMON in memory, with the kernel's observable behaviour: what a write makes anew, what it refuses and with which number, what commands do, and who
/// gets in whose way. <see cref="DamonTreeCases"/> hold for it and, in the lab, for the kernels it stands for.
/// </summary>
/// <remarks>
/// What it does not do: split and merge regions, sample, age, tune, or act on memory. What the kernel would find is said by the test, per process
/// (<see cref="Processes"/>); schemes try that, through their patterns, filters on regions and budgets. No time passes by itself (<see cref="Pass"/>).
/// Hooks are called outside of the fake's own lock, so they may read and write the tree: they are what another process does in that moment.
/// </remarks>
public sealed class FakeDamonTree : IDamonTree
{
    private const ulong Device = 22;
    private readonly Lock _lock = new();
    private readonly FakeDamonDirectory _root;
    private readonly List<FakeKdamond> _kdamonds = [];
    private readonly List<FakeWrite> _writes = [];
    private bool _isHeld;
    private FakeKdamond? _request;
    private int _refusals;

    public FakeDamonTree(FakeKernel kernel)
    {
        Kernel = kernel;
        Layout = new FakeDamonLayout(kernel);
        Inputs = new FakeContextInputs(this);
        var kdamonds = new FakeDamonDirectory();
        _root = new FakeDamonDirectory().With("kdamonds", kdamonds.WithCount(
            "nr_kdamonds",
            index =>
            {
                _kdamonds.Add(new FakeKdamond(this, index));
                return _kdamonds[^1].Files;
            },
            isBusy: () =>
            {
                if (_kdamonds.Any(kdamond => kdamond.IsRunning || kdamond == _request))
                {
                    return true;
                }

                _kdamonds.Clear();
                return false;
            }));
    }

    /// <summary>Which kernel it is.</summary>
    public FakeKernel Kernel { get; }

    /// <summary>The processes there are.</summary>
    public FakeKernelProcesses Processes { get; } = new();

    /// <summary>What is found in physical memory.</summary>
    public IReadOnlyList<FakeRegion> PhysicalMemory { get; set; } = [];

    /// <summary>The memory control groups there are, below their mount. The root always is.</summary>
    public ISet<string> MemoryCgroups { get; } = new HashSet<string> { "/" };

    /// <summary>The module that owns DAMON for itself; null for none. While there is one nothing can be turned on.</summary>
    public string? ExclusiveModule { get; set; }

    /// <summary>The share of memory that is free, which watermarks look at.</summary>
    public ulong FreeMemoryPermil { get; set; } = 500;

    /// <summary>Is called with each command when the kernel begins to carry it out: to block it, to end something meanwhile, or to try what another writer gets.</summary>
    public Action<string>? OnCommand { get; set; }

    /// <summary>Is called after each successful write of a file with its path and text: to change it behind the writer's back.</summary>
    public Action<string, string>? OnWritten { get; set; }

    /// <summary>Is called with each action that a scheme takes, and the part of memory it is taken on. It runs under the fake's lock: it may change what is found in memory, and nothing else here.</summary>
    public Action<string, FakeRegion>? OnApplied { get; set; }

    /// <summary>Every write, also those that failed, in order.</summary>
    public IReadOnlyList<FakeWrite> Writes
    {
        get
        {
            lock (_lock)
            {
                return [.. _writes];
            }
        }
    }

    /// <summary>How often a command waited for the schemes to be applied. The kernel takes an apply interval for each.</summary>
    public int Waits { get; private set; }

    /// <summary>The kdamonds there are.</summary>
    public IReadOnlyList<FakeKdamond> Kdamonds => _kdamonds;

    internal FakeDamonLayout Layout { get; }

    internal FakeContextInputs Inputs { get; }

    /// <summary>Somebody holds the interface's lock for the next so many calls that need it.</summary>
    public void HoldLock(int calls) => _refusals = calls;

    /// <summary>Another process writes, whatever the lock; there is no record of it.</summary>
    public void WriteBehind(string path, string text)
    {
        lock (_lock)
        {
            var file = _root.Find(path) ?? throw new ArgumentException($"no file {path}", nameof(path));
            if (file.IsCommand)
            {
                throw new ArgumentException("a command behind our back is a kdamond's End", nameof(path));
            }

            var (errno, value) = file.Parse?.Invoke(text) ?? (KernelErrno.None, text);
            errno = errno == KernelErrno.None ? file.Changing?.Invoke(value) ?? KernelErrno.None : errno;
            file.Value = errno == KernelErrno.None ? value : throw new ArgumentException($"{path}: {errno}", nameof(text));
        }
    }

    /// <summary>Lets time pass for all that run.</summary>
    public void Pass(TimeSpan span)
    {
        lock (_lock)
        {
            foreach (var kdamond in _kdamonds)
            {
                kdamond.Pass((ulong)span.TotalMicroseconds);
            }
        }
    }

    /// <inheritdoc/>
    public bool Exists(string path)
    {
        lock (_lock)
        {
            return _root.Find(path) is not null || _root.FindDirectory(path) is not null;
        }
    }

    /// <inheritdoc/>
    public HostResult<string> Read(string path)
    {
        lock (_lock)
        {
            Settle();
            var file = _root.Find(path);
            if (file is null)
            {
                return Error(_root.FindDirectory(path) is null ? KernelErrno.ENOENT : KernelErrno.EISDIR, path);
            }

            return file.IsReadUnderLock && !IsLockFree() ? Error(KernelErrno.EBUSY, path) : (file.Show?.Invoke() ?? file.Value).TrimEnd('\n');
        }
    }

    /// <inheritdoc/>
    public HostResult<int> Write(string path, string text)
    {
        var errno = WriteFile(path, text);
        lock (_lock)
        {
            _writes.Add(new FakeWrite(path, text, errno));
        }

        if (errno != KernelErrno.None)
        {
            return Error(errno, path);
        }

        OnWritten?.Invoke(path, text);
        return text.Length;
    }

    /// <inheritdoc/>
    public HostResult<IReadOnlyList<string>> List(string path)
    {
        lock (_lock)
        {
            return _root.FindDirectory(path) is { } directory
                ? directory.Directories.Keys.Concat(directory.Files.Keys).ToList()
                : Error(_root.Find(path) is null ? KernelErrno.ENOENT : KernelErrno.ENOTDIR, path);
        }
    }

    /// <inheritdoc/>
    public HostResult<FileIdentity> Identify(string path)
    {
        lock (_lock)
        {
            return _root.FindDirectory(path) is { } directory ? new FileIdentity(Device, directory.Inode) : Error(_root.Find(path) is null ? KernelErrno.ENOENT : KernelErrno.ENOTDIR, path);
        }
    }

    internal void CountWait() => Waits++;

    private static HostError Error(KernelErrno errno, string path) => errno.At($"{HostDamonTree.Root}/{path}");

    private KernelErrno WriteFile(string path, string text)
    {


        lock (_lock)
        {
            Settle();
            var file = _root.Find(path);
            if (file?.Parse is null)
            {
                return file is not null ? KernelErrno.EACCES : _root.FindDirectory(path) is null ? KernelErrno.ENOENT : KernelErrno.EISDIR;
            }

            // A write of nothing does not reach the file.
            if (text.Length == 0)
            {
                return KernelErrno.None;
            }

            if (!file.IsCommand)
            {
                var (errno, value) = file.Parse(text);
                if (errno == KernelErrno.None && file.IsWrittenUnderLock && !IsLockFree())
                {
                    errno = KernelErrno.EBUSY;
                }

                errno = errno == KernelErrno.None ? file.Changing?.Invoke(value) ?? KernelErrno.None : errno;
                file.Value = errno == KernelErrno.None ? value : file.Value;
                return errno;
            }

            if (!IsLockFree())
            {
                return KernelErrno.EBUSY;
            }

            var command = Kernel.Commands.FirstOrDefault(word => word == KernelText.WithoutNewline(text));
            if (command is null)
            {
                return KernelErrno.EINVAL;
            }

            var kdamond = _kdamonds.Single(one => one.Files.Files["state"] == file);
            if (_request is not null && command is not "off" && (command is not "on" || _request == kdamond))
            {
                return KernelErrno.EBUSY;
            }

            return Command(kdamond, command);
        }
    }

    // Runs under the fake's lock, which is let go while the kernel would wait. The kernel's own lock is held meanwhile, but not by the older kernels' simple requests.
    private KernelErrno Command(FakeKdamond kdamond, string command)
    {
        var holds = Kernel.CommandsReply || command is "on" or "off" or "update_schemes_tried_regions" or "update_schemes_tried_bytes";
        try
        {
            return kdamond.Handle(command, () =>
            {
                _isHeld = holds;
                _request = command is "on" or "off" || Kernel.CommandsReply ? _request : kdamond;
                _lock.Exit();
                try
                {
                    OnCommand?.Invoke(command);
                }
                finally
                {
                    _lock.Enter();
                }
            });
        }
        finally
        {
            _isHeld = _isHeld && !holds;
            _request = _request == kdamond && command is not ("on" or "off") ? null : _request;
        }
    }

    private bool IsLockFree()
    {
        if (_refusals > 0)
        {
            _refusals--;
            return false;
        }

        return !_isHeld;
    }

    private void Settle()
    {
        foreach (var kdamond in _kdamonds)
        {
            kdamond.Settle();
        }
    }
}
