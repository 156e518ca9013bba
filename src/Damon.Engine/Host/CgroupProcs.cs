namespace Damon.Engine.Host;

/// <summary>The pids of a <c>cgroup.procs</c>, one per line, without allocating. 0 stands for a process outside the reader's pid namespace and is passed over, as is anything that is no pid.</summary>
public ref struct CgroupProcs
{
    private ReadOnlySpan<byte> _rest;

    private CgroupProcs(ReadOnlySpan<byte> content) => _rest = content;

    /// <summary>The pid the enumeration stands at.</summary>
    public int Current { get; private set; }

    /// <summary>Lines that held no pid of this namespace.</summary>
    public int Unusable { get; private set; }

    /// <summary>Starts at the first pid.</summary>
    /// <param name="content">The whole file.</param>
    public static CgroupProcs Enumerate(ReadOnlySpan<byte> content) => new(content);

    /// <summary>Makes <c>foreach</c> work.</summary>
    public readonly CgroupProcs GetEnumerator() => this;

    /// <summary>Goes to the next pid.</summary>
    public bool MoveNext()
    {
        while (ProcText.TryTakeLine(ref _rest, out var line))
        {
            if (ProcText.TryParsePid(line, out var pid))
            {
                Current = pid;
                return true;
            }

            Unusable++;
        }

        return false;
    }
}
