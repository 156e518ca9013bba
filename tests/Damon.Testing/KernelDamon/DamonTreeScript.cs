using Damon.Engine.Host;

namespace Damon.Testing.KernelDamon;

/// <summary>
/// The steps of a case: writes that have to succeed or to be refused, reads that have to give something. A kernel's kdamond takes the interface's lock for moments of its own
/// (before 6.14 in every sample), so all that finds it taken tries again.
/// </summary>
/// <param name="subject">What the case runs on.</param>
public sealed class DamonTreeScript(DamonTreeUnderTest subject)
{
    /// <summary>The kdamond of most cases.</summary>
    public const string Kdamond = "kdamonds/0";

    /// <summary>Its context.</summary>
    public const string Context = "kdamonds/0/contexts/0";

    private const int BusyTries = 50;
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(100);
    private readonly List<DamonTreeProcess> _processes = [];

    /// <summary>What the case runs on.</summary>
    public DamonTreeUnderTest Subject => subject;

    /// <summary>Fails the case unless something holds.</summary>
    public static void Check(bool holds, string what)
    {
        if (!holds)
        {
            throw new DamonTreeException(what);
        }
    }

    /// <summary>Starts a process, which ends with the case.</summary>
    public DamonTreeProcess StartProcess()
    {
        _processes.Add(subject.StartProcess());
        return _processes[^1];
    }

    /// <summary>Writes what has to be taken.</summary>
    public void Set(string path, string text)
    {
        var written = Persist(() => subject.Tree.Write(path, text));
        Check(written.IsOk, $"{path} = {text}: expected to be taken, but found {Describe(written.Error)}");
    }

    /// <summary>Writes what has to be refused with a number.</summary>
    public void Refused(string path, string text, KernelErrno errno)
    {
        // A lock that is taken for a moment is busy, too: it is only meant where it is so each time.
        var written = errno == KernelErrno.EBUSY ? subject.Tree.Write(path, text) : Persist(() => subject.Tree.Write(path, text));
        for (var again = 0; again < 3 && errno == KernelErrno.EBUSY; again++)
        {
            subject.Pass(Moment);
            written = written.IsOk ? written : subject.Tree.Write(path, text);
        }

        Check(!written.IsOk, $"{path} = {text}: expected {errno}, but it was taken");
        Check(written.Error.Errno == (int)errno, $"{path} = {text}: expected {errno}, but found {Describe(written.Error)}");
    }

    /// <summary>Reads a file.</summary>
    public string Value(string path)
    {
        var read = Persist(() => subject.Tree.Read(path));
        Check(read.IsOk, $"{path}: expected to be readable, but found {Describe(read.Error)}");
        return read.Value;
    }

    /// <summary>Reads a number.</summary>
    public ulong Number(string path) => ulong.Parse(Value(path));

    /// <summary>Reads a file that has to hold a text.</summary>
    public void Is(string path, string expected)
    {
        var found = Value(path);
        Check(found == expected, $"{path}: expected \"{expected}\", but found \"{found}\"");
    }

    /// <summary>Whether a path is there has to be so.</summary>
    public void Exists(string path, bool expected) =>
        Check(subject.Tree.Exists(path) == expected, $"{path}: expected {(expected ? "to be there" : "not to be there")}");

    /// <summary>Gives a command that has to succeed.</summary>
    public void Command(string command) => Set($"{Kdamond}/state", command);

    /// <summary>Gives a command that has to be refused.</summary>
    public void CommandRefused(string command, KernelErrno errno) => Refused($"{Kdamond}/state", command, errno);

    /// <summary>Makes one kdamond with one context.</summary>
    public void MakeContext()
    {
        Set("kdamonds/nr_kdamonds", "1");
        Set($"{Kdamond}/contexts/nr_contexts", "1");
    }

    /// <summary>Makes the targets anew, each with a range or, where start and end are 0, with none.</summary>
    public void MakeTargets(params ReadOnlySpan<DamonTreeTarget> targets)
    {
        Set($"{Context}/targets/nr_targets", $"{targets.Length}");
        for (var index = 0; index < targets.Length; index++)
        {
            var target = $"{Context}/targets/{index}";
            var (pid, start, end) = targets[index];
            Set($"{target}/pid_target", $"{pid}");
            if (end > 0)
            {
                Set($"{target}/regions/nr_regions", "1");
                Set($"{target}/regions/0/start", $"{start}");
                Set($"{target}/regions/0/end", $"{end}");
            }
        }
    }

    /// <summary>Makes the schemes anew, each for every region.</summary>
    public void MakeSchemes(int count)
    {
        Set($"{Context}/schemes/nr_schemes", $"{count}");
        for (var index = 0; index < count; index++)
        {
            Pattern(index, "sz", ulong.MinValue, ulong.MaxValue);
            Pattern(index, "nr_accesses", uint.MinValue, uint.MaxValue);
            Pattern(index, "age", uint.MinValue, uint.MaxValue);
        }
    }

    /// <summary>Sets the bounds of a scheme's pattern.</summary>
    public void Pattern(int scheme, string of, ulong min, ulong max)
    {
        Set($"{Context}/schemes/{scheme}/access_pattern/{of}/min", $"{min}");
        Set($"{Context}/schemes/{scheme}/access_pattern/{of}/max", $"{max}");
    }

    /// <summary>Makes a filter of a scheme that holds back all but what it is about.</summary>
    public void MakeFilter(int scheme, string type, params ReadOnlySpan<(string File, string Text)> arguments)
    {
        var filters = $"{Context}/schemes/{scheme}/filters";
        Set($"{filters}/nr_filters", "1");
        Set($"{filters}/0/type", type);
        foreach (var (file, text) in arguments)
        {
            Set($"{filters}/0/{file}", text);
        }
    }

    /// <summary>The regions that a scheme has tried, as they were shown last.</summary>
    public IReadOnlyList<(ulong Start, ulong End, ulong Accesses)> TriedRegions(int scheme)
    {
        var tried = $"{Context}/schemes/{scheme}/tried_regions";
        var listed = subject.Tree.List(tried);
        Check(listed.IsOk, $"{tried}: expected to be a directory, but found {Describe(listed.Error)}");
        return
        [
            .. listed.Value.Where(name => char.IsAsciiDigit(name[0])).OrderBy(int.Parse)
                .Select(name => (Number($"{tried}/{name}/start"), Number($"{tried}/{name}/end"), Number($"{tried}/{name}/nr_accesses"))),
        ];
    }

    /// <summary>Asks for the bytes that each scheme tries in one pass.</summary>
    public ulong TriedBytes(int scheme = 0)
    {
        Command("update_schemes_tried_bytes");
        return Number($"{Context}/schemes/{scheme}/tried_regions/total_bytes");
    }

    /// <summary>Asks for a statistic of a scheme.</summary>
    public ulong Statistic(string name, int scheme = 0)
    {
        Command("update_schemes_stats");
        return Number($"{Context}/schemes/{scheme}/stats/{name}");
    }

    /// <summary>Waits until something holds.</summary>
    public void Until(string what, Func<bool> holds, int moments = 300)
    {
        for (var moment = 0; moment < moments; moment++)
        {
            if (holds())
            {
                return;
            }

            subject.Pass(Moment);
        }

        throw new DamonTreeException($"waited in vain until {what}");
    }

    /// <summary>Waits until the kdamond has ended by itself.</summary>
    public void UntilOff() => Until("the kdamond ends", () => Value($"{Kdamond}/state") == "off");

    /// <summary>Lets some aggregations pass.</summary>
    public void PassSome() => subject.Pass(TimeSpan.FromSeconds(1));

    /// <summary>Ends what the case started and removes all kdamonds.</summary>
    public void Empty()
    {
        foreach (var process in _processes)
        {
            process.Dispose();
        }

        for (var index = 0; subject.Tree.Exists($"kdamonds/{index}"); index++)
        {
            if (Value($"kdamonds/{index}/state") == "on")
            {
                Persist(() => subject.Tree.Write($"kdamonds/{index}/state", "off"));
            }
        }

        Set("kdamonds/nr_kdamonds", "0");
    }

    private static string Describe(HostError error) => $"{(KernelErrno)error.Errno} ({error})";

    private HostResult<T> Persist<T>(Func<HostResult<T>> call)
    {
        var result = call();
        for (var again = 0; again < BusyTries && result.Error.Kind == HostErrorKind.Busy; again++)
        {
            subject.Pass(Moment);
            result = call();
        }

        return result;
    }
}
