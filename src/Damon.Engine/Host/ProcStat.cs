namespace Damon.Engine.Host;

/// <summary><c>/proc/PID/stat</c> (proc_pid_stat(5)), the fields used here. Valid as long as the buffer it was read from.</summary>
public readonly ref struct ProcStat
{
    private const int FieldsNeeded = 22;

    /// <summary>The process id.</summary>
    public int Pid { get; private init; }

    /// <summary>The command's short name. A program names itself: spaces, parentheses and newlines all occur.</summary>
    public ReadOnlySpan<byte> Command { get; private init; }

    /// <summary>R, S, D, Z …</summary>
    public char State { get; private init; }

    /// <summary>The parent, 0 for the first process.</summary>
    public int ParentPid { get; private init; }

    /// <summary>CPU time in user mode, in clock ticks (100 per second).</summary>
    public ulong UserTicks { get; private init; }

    /// <summary>CPU time in kernel mode, in clock ticks.</summary>
    public ulong SystemTicks { get; private init; }

    /// <summary>Threads.</summary>
    public ulong Threads { get; private init; }

    /// <summary>When the process started, in clock ticks after boot.</summary>
    public ulong StartTimeTicks { get; private init; }

    /// <summary>Which program image the process runs; see <see cref="ProcessImage"/>.</summary>
    public ProcessImage Image { get; private init; }

    /// <summary>Which process this is.</summary>
    public ProcessIdentity Identity => new(Pid, StartTimeTicks);

    /// <summary>Whether it has ended and only waits to be collected by its parent; it has no memory any more.</summary>
    public bool HasEnded => State is 'Z' or 'X' or 'x';

    /// <summary>Reads the file.</summary>
    /// <param name="content">The whole file.</param>
    /// <param name="stat">What it says.</param>
    /// <returns>False where it is cut short or not of this shape.</returns>
    public static bool TryParse(ReadOnlySpan<byte> content, out ProcStat stat)
    {
        stat = default;

        // The command may contain ") R 1 …" itself, so the last parenthesis is the one that ends it.
        var open = content.IndexOf((byte)'(');
        var close = content.LastIndexOf((byte)')');
        if (open < 2 || close < open || !ProcText.TryParsePid(content[..open].TrimEnd((byte)' '), out var pid))
        {
            return false;
        }

        var rest = content[(close + 1)..];
        var state = '\0';
        ulong parent = 0, user = 0, system = 0, threads = 0, start = 0, startCode = 0, startStack = 0, startData = 0, startHeap = 0;
        var number = 2;
        while (ProcText.TryTakeWord(ref rest, out var word))
        {
            number++;
            var ok = number switch
            {
                3 => TakeState(word, out state),
                4 => ProcText.TryParseNumber(word, out parent) && parent <= int.MaxValue,
                14 => ProcText.TryParseNumber(word, out user),
                15 => ProcText.TryParseNumber(word, out system),
                20 => ProcText.TryParseNumber(word, out threads),
                22 => ProcText.TryParseNumber(word, out start),
                26 => ProcText.TryParseNumber(word, out startCode),
                28 => ProcText.TryParseNumber(word, out startStack),
                45 => ProcText.TryParseNumber(word, out startData),
                47 => ProcText.TryParseNumber(word, out startHeap),
                _ => true,
            };
            if (!ok)
            {
                return false;
            }
        }

        if (number < FieldsNeeded)
        {
            return false;
        }

        stat = new ProcStat
        {
            Pid = pid,
            Command = content[(open + 1)..close],
            State = state,
            ParentPid = (int)parent,
            UserTicks = user,
            SystemTicks = system,
            Threads = threads,
            StartTimeTicks = start,
            Image = new ProcessImage(startCode, startStack, startData, startHeap),
        };
        return true;
    }

    private static bool TakeState(ReadOnlySpan<byte> word, out char state)
    {
        state = word.Length == 1 ? (char)word[0] : '\0';
        return char.IsAsciiLetter(state);
    }
}
