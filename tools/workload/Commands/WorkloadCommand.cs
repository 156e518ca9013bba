using System.CommandLine;
using Damon.Patterns;
using Damon.Workload.Events;
using Damon.Workload.Memory;
using Damon.Workload.Runs;

namespace Damon.Workload.Commands;

/// <summary>The command line <c>damon-workload</c>: reads it, reads the pattern, runs it, and says by the exit code how that went.</summary>
internal sealed class WorkloadCommand
{
    private const string DefaultDirectory = "/var/tmp";

    private readonly Stream _output;
    private readonly TextWriter _error;
    private readonly TimeProvider _time;
    private readonly IMachineFacts _machine;
    private readonly string _temporaryDirectory;

    private readonly Argument<string> _pattern = new("PATTERN") { Description = "The pattern to run, a YAML file." };

    private readonly Option<TimeSpan?> _duration = new("--duration")
    {
        Description = "How long to run, such as 90s or 1h30m; the phases repeat, without those marked once. Without it: one pass of all phases.",
        HelpName = "D",
        CustomParser = OptionText.Duration,
    };

    private readonly Option<string?> _directory = new("--directory")
    {
        Description = "A folder on a disk file system; files of file-backed regions go to a new folder in it. Default: TMPDIR, else /var/tmp.",
        HelpName = "DIR",
    };

    private readonly Option<double?> _rate = new("--rate")
    {
        Description = "At most this many accesses per second. Without it: as many as one core makes.",
        HelpName = "ACCESSES_PER_SECOND",
        CustomParser = OptionText.Rate,
    };

    private readonly Option<ulong> _seed = new("--seed")
    {
        Description = "Seed of all draws.",
        HelpName = "N",
        DefaultValueFactory = _ => 1,
        CustomParser = OptionText.Seed,
    };

    private readonly Option<TimeSpan?> _reportEvery = new("--report-every")
    {
        Description = "Time between two progress reports. Default: 1s.",
        HelpName = "D",
        CustomParser = OptionText.Duration,
    };

    private readonly Option<OutputFormat> _format = new("--output", "-o")
    {
        Description = "How events are written.",
        HelpName = "text|json",
        DefaultValueFactory = _ => OutputFormat.Text,
    };

    private readonly Option<string?> _truth = new("--truth")
    {
        Description = "Write what was really accessed, per phase and region, as JSON lines to this file.",
        HelpName = "FILE",
    };

    private readonly Option<double> _scale = new("--scale")
    {
        Description = "Multiply the size of every region, for instance by 1/4.",
        HelpName = "FACTOR",
        DefaultValueFactory = _ => 1,
        CustomParser = OptionText.Scale,
    };

    private readonly Option<RegionLayout> _layout = new("--layout")
    {
        Description = "Regions lie apart from each other, each in a mapping of its own, or adjacent in one mapping, in the pattern's order (anonymous regions only).",
        HelpName = "apart|adjacent",
        DefaultValueFactory = _ => RegionLayout.Apart,
    };

    private readonly Option<TimeSpan?> _flushTlbEvery = new("--flush-tlb-every")
    {
        Description = "For emulated machines: force a full flush of the processor's translation cache this often, so that accesses to hot pages are seen again after their accessed bits were cleared.",
        HelpName = "D",
        CustomParser = OptionText.Duration,
    };

    /// <param name="output">Takes the events.</param>
    /// <param name="error">Takes what is wrong.</param>
    /// <param name="time">The clock the run follows.</param>
    /// <param name="machine">The machine's facts.</param>
    /// <param name="temporaryDirectory">Where files go unless told otherwise: the value of TMPDIR, or nothing.</param>
    public WorkloadCommand(Stream output, TextWriter error, TimeProvider time, IMachineFacts machine, string? temporaryDirectory)
    {
        _output = output;
        _error = error;
        _time = time;
        _machine = machine;
        _temporaryDirectory = string.IsNullOrEmpty(temporaryDirectory) ? DefaultDirectory : temporaryDirectory;
    }

    /// <summary>Carries a command line out.</summary>
    /// <param name="arguments">Without the program's name.</param>
    /// <param name="interrupted">Ends the run early, cleanly.</param>
    /// <returns>An <see cref="ExitCode"/>.</returns>
    public int Invoke(IReadOnlyList<string> arguments, CancellationToken interrupted)
    {
        var root = new RootCommand("Accesses memory in a stated pattern, so that what a monitor finds can be held against the truth.")
        {
            _pattern, _duration, _directory, _rate, _seed, _reportEvery, _format, _truth, _scale, _layout, _flushTlbEvery,
        };
        root.SetAction(result => Run(OptionsFrom(result), interrupted));

        var parsed = root.Parse(arguments);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
                _error.WriteLine(error.Message);
            _error.WriteLine("See damon-workload --help.");
            return ExitCode.BadUsage;
        }

        using var help = new StreamWriter(_output, leaveOpen: true);
        return parsed.Invoke(new InvocationConfiguration { Output = help, Error = _error, EnableDefaultExceptionHandler = false });
    }

    private WorkloadOptions OptionsFrom(System.CommandLine.ParseResult parsed) => new(
        parsed.GetRequiredValue(_pattern),
        new WorkloadSettings(parsed.GetValue(_duration), parsed.GetValue(_rate), parsed.GetValue(_seed), parsed.GetValue(_reportEvery) ?? TimeSpan.FromSeconds(1), parsed.GetValue(_flushTlbEvery)),
        parsed.GetValue(_directory) ?? _temporaryDirectory,
        parsed.GetValue(_scale),
        parsed.GetValue(_layout),
        parsed.GetValue(_format),
        parsed.GetValue(_truth));

    private int Run(WorkloadOptions options, CancellationToken interrupted)
    {
        if (!ToolFiles.TryReadText(options.PatternFile, out var text, out var unreadable))
            return Fail(ExitCode.BadUsage, $"{options.PatternFile}: {unreadable}");

        var read = WorkloadPatternReader.Read(options.PatternFile, text);
        if (read.Pattern is not { } pattern)
        {
            foreach (var error in read.Errors)
                _error.WriteLine(error);
            return ExitCode.BadUsage;
        }

        // The truth's file comes first: better no run than one whose truth is lost.
        Stream? truth = null;
        if (options.TruthFile is not null && !ToolFiles.TryCreate(options.TruthFile, out truth, out var unwritable))
            return Fail(ExitCode.BadUsage, $"{options.TruthFile}: {unwritable}");

        // Writers flush when they are disposed: a full disk may also show itself only there.
        try
        {
            using var closing = truth;
            var result = WorkloadMemory.Create(pattern, options.Scale, options.Layout, options.Directory, _machine, interrupted);
            using var memory = result.Memory;
            if (memory is null)
                return Fail(ExitCode.NoRoom, result.Refusal!);
            return interrupted.IsCancellationRequested ? ExitCode.Interrupted : Run(pattern, memory, options, truth, interrupted);
        }
        catch (IOException lost)
        {
            return Fail(ExitCode.OutputLost, $"the output cannot be written any more: {lost.Message}");
        }
    }

    private int Run(WorkloadPattern pattern, WorkloadMemory memory, WorkloadOptions options, Stream? truth, CancellationToken interrupted)
    {
        using var events = new JsonLine(_output);
        using var text = new StreamWriter(_output, leaveOpen: true) { AutoFlush = true };
        using var truths = truth is null ? null : new JsonLine(truth);
        List<IRunObserver> observers = [options.Format == OutputFormat.Json ? new JsonEvents(events) : new TextEvents(text)];
        if (truths is not null)
            observers.Add(new TruthFile(truths));

        using var flush = options.Settings.FlushTlbEvery is null ? null : TlbFlush.TryCreate();
        if (options.Settings.FlushTlbEvery is not null && flush is null)
            return Fail(ExitCode.NoRoom, "the scratch memory for --flush-tlb-every cannot be mapped");

        return new WorkloadRun(pattern, memory.Regions, options.Settings, _time, observers, flush is null ? null : flush.Force).Run(interrupted) ? ExitCode.Done : ExitCode.Interrupted;
    }

    private int Fail(int code, string message)
    {
        _error.WriteLine(message);
        return code;
    }
}
