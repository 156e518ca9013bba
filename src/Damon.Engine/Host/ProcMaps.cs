namespace Damon.Engine.Host;

/// <summary>The lines of <c>/proc/PID/maps</c> (proc(5)), one after the other, without allocating. A line of another shape is passed over and counted.</summary>
public ref struct ProcMaps
{
    private ReadOnlySpan<byte> _rest;
    private ProcMapping _current;

    private ProcMaps(ReadOnlySpan<byte> content) => _rest = content;

    /// <summary>The mapping the enumeration stands at.</summary>
    public readonly ProcMapping Current => _current;

    /// <summary>Lines passed over so far.</summary>
    public int MalformedLines { get; private set; }

    /// <summary>Starts at the first line.</summary>
    /// <param name="content">The whole file.</param>
    public static ProcMaps Enumerate(ReadOnlySpan<byte> content) => new(content);

    /// <summary>Makes <c>foreach</c> work.</summary>
    public readonly ProcMaps GetEnumerator() => this;

    /// <summary>Goes to the next mapping.</summary>
    public bool MoveNext()
    {
        while (ProcText.TryTakeLine(ref _rest, out var line))
        {
            if (ProcMapping.TryParse(line, out _current))
            {
                return true;
            }

            MalformedLines++;
        }

        _current = default;
        return false;
    }
}
