using System.Globalization;

namespace Damon.Testing.KernelDamon;

/// <summary>One directory. Numbered ones below it are made and removed by its count file, all at once.</summary>
internal sealed class FakeDamonDirectory
{
    private static long _latest;

    /// <summary>Which one it is: one that is made anew in the same place has another number.</summary>
    public ulong Inode { get; } = (ulong)Interlocked.Increment(ref _latest);

    public Dictionary<string, FakeDamonDirectory> Directories { get; } = [];

    public Dictionary<string, FakeDamonFile> Files { get; } = [];

    /// <summary>How many numbered directories there are.</summary>
    public int Count { get; private set; }

    /// <summary>The numbered directories.</summary>
    public IEnumerable<FakeDamonDirectory> Numbered => Enumerable.Range(0, Count).Select(index => this[$"{index}"]);

    public FakeDamonDirectory this[string path] => path.Split('/').Aggregate(this, (directory, name) => directory.Directories[name]);

    public FakeDamonDirectory With(string name, FakeDamonFile file)
    {
        Files[name] = file;
        return this;
    }

    public FakeDamonDirectory With(string name, FakeDamonDirectory directory)
    {
        Directories[name] = directory;
        return this;
    }

    /// <summary>Adds a part that only some kernels have.</summary>
    public FakeDamonDirectory If(bool has, Action<FakeDamonDirectory> add)
    {
        if (has)
        {
            add(this);
        }

        return this;
    }

    /// <summary>Adds the file that counts the numbered directories. Every write of it makes them anew, the same number too.</summary>
    public FakeDamonDirectory WithCount(string name, Func<int, FakeDamonDirectory> make, int max = int.MaxValue, Func<bool>? isBusy = null) => With(
        name,
        new FakeDamonFile("0")
        {
            Parse = text =>
            {
                var (errno, value) = KernelText.Signed(text);
                return errno != KernelErrno.None || (Number(value) is >= 0 and var count && count <= max) ? (errno, value) : (KernelErrno.EINVAL, "");
            },
            IsWrittenUnderLock = true,
            Changing = value =>
            {
                if (isBusy?.Invoke() == true)
                {
                    return KernelErrno.EBUSY;
                }

                Renumber((int)Number(value), make);
                return KernelErrno.None;
            },
        });

    /// <summary>Makes the numbered directories anew.</summary>
    public void Renumber(int count, Func<int, FakeDamonDirectory> make)
    {
        for (var index = 0; index < Count; index++)
        {
            Directories.Remove($"{index}");
        }

        Count = count;
        for (var index = 0; index < count; index++)
        {
            Directories[$"{index}"] = make(index);
        }
    }

    /// <summary>A file below this directory; null where there is none.</summary>
    public FakeDamonFile? Find(string path) => Parent(path, out var name)?.Files.GetValueOrDefault(name);

    /// <summary>A directory below this one; null where there is none.</summary>
    public FakeDamonDirectory? FindDirectory(string path) => path.Length == 0 ? this : Parent(path, out var name)?.Directories.GetValueOrDefault(name);

    /// <summary>The text of a file below this directory.</summary>
    public string Text(string path) => Find(path)?.Value ?? throw new InvalidOperationException($"no file {path}");

    /// <summary>The number in a file below this directory; 0 where this kernel has no such file.</summary>
    public ulong Unsigned(string path) => Find(path) is { } file ? ulong.Parse(file.Value) : 0;

    /// <summary>Whether a flag is set; not set where this kernel has no such file.</summary>
    public bool IsSet(string path) => Find(path)?.Value == "Y";

    private static long Number(string value) => long.Parse(value, CultureInfo.InvariantCulture);

    private FakeDamonDirectory? Parent(string path, out string name)
    {
        var names = path.Split('/');
        name = names[^1];
        var directory = this;
        foreach (var step in names.AsSpan(0, names.Length - 1))
        {
            directory = directory?.Directories.GetValueOrDefault(step);
        }

        return directory;
    }
}
