using Damon.Engine.Host;
using Damon.Engine.Schemes;

namespace Damon.Engine.KernelDamon;

/// <summary>
/// One kdamond driven through the files. Files are only inputs: nothing is in force before <c>on</c> or <c>commit</c>, which read all of them at once. So everything is written, read
/// back and compared first, and only then given.
/// </summary>
/// <remarks>
/// <para>What was written is remembered, and a commit writes what differs. Counts (<c>nr_*</c>) are written only where they change: the kernel makes everything below them anew.</para>
/// <para>A kdamond in our place that is not the thread that we started is somebody else's, and is never turned off or given a command.</para>
/// <para>After a refused commit the one before stays in force where the kernel tries a commit on a copy first; kernels that do not (those without the two folders of filters, before
/// 6.15) may have taken half of it, so there the kdamond is stopped. In some of them a commit that fails ends the kdamond by itself, and says that all is well: its state is read after
/// every command.</para>
/// </remarks>
internal sealed partial class SysfsKdamond : IKdamond
{
    private const string On = "on";
    private const string Off = "off";
    private const int NoThread = -1;

    private readonly PatientDamonTree _tree;
    private readonly IKernelSubjects _subjects;
    private readonly string _folder;
    private readonly string _contextFolder;

    /// <summary>What stands in the files, as far as we know; a path is in it only if the counts above it are.</summary>
    private readonly Dictionary<string, string> _written = new(StringComparer.Ordinal);
    private readonly List<KernelFile> _files = [];
    private int _thread = NoThread;

    public SysfsKdamond(PatientDamonTree tree, IKernelSubjects subjects, KernelFeatures features, int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        (_tree, _subjects, Features, Index) = (tree, subjects, features, index);
        _folder = KernelFiles.Kdamond(index);
        _contextFolder = _folder + "contexts/0/";
    }

    /// <inheritdoc/>
    public int Index { get; }

    /// <inheritdoc/>
    public KernelFeatures Features { get; }

    /// <inheritdoc/>
    public KernelContext? Context { get; private set; }

    /// <inheritdoc/>
    public KernelOutcome Start(KernelContext context)
    {
        _tree.BeginCall();
        if (Prepare(context) is { IsDone: false } unprepared)
        {
            return unprepared;
        }

        if (context.Operations != KernelOperations.Vaddr && context.Targets.Any(target => target.Ranges.Count == 0))
        {
            return new KernelOutcome(KernelOutcomeKind.Refused, $"{context.Operations} needs ranges to look at; without them the kdamond would look at nothing");
        }

        var before = Look();
        if (!before.TryGet(out var state))
        {
            return From(before.Error);
        }

        if (state.IsOn)
        {
            return new KernelOutcome(KernelOutcomeKind.Busy, $"kdamond {Index} runs already{(state.Pid == _thread ? "; commit to it" : ", and we did not start it")}");
        }

        // Makes the whole context anew: what a predecessor left there cannot have an effect.
        _written.Clear();
        var reset = _tree.Write(_folder + "contexts/nr_contexts", "1");
        if (!reset.IsOk)
        {
            return From(reset.Error);
        }

        if (Fill() is { IsDone: false } unfilled)
        {
            return unfilled;
        }

        var command = Give(On);
        if (!command.IsOk)
        {
            return Cause(On, command.Error, context, wasRunning: false);
        }

        var after = Look();
        if (!after.TryGet(out state))
        {
            // It may run, but nobody would know it for ours. Its files were ours a moment ago, so it is ours to turn off.
            _tree.BeginCall();
            Give(Off);
            return From(after.Error);
        }

        Context = context;
        _thread = state.IsOn ? state.Pid : NoThread;
        return state.IsOn ? KernelOutcome.Done : Missing(context) ?? new KernelOutcome(KernelOutcomeKind.NotRunning, $"kdamond {Index} ended as soon as it was started");
    }

    /// <inheritdoc/>
    public KernelOutcome Commit(KernelContext context)
    {
        _tree.BeginCall();
        if (Running() is { IsDone: false } notRunning)
        {
            return notRunning;
        }

        if (Prepare(context) is { IsDone: false } unprepared)
        {
            return unprepared;
        }

        if (Fill() is { IsDone: false } unfilled)
        {
            return unfilled;
        }

        var outcome = Command("commit", context);
        if (outcome.IsDone)
        {
            Context = context;
            return outcome;
        }

        // Busy: the command was never taken. Otherwise it was tried.
        if (!Features.HasFilterLayers && outcome.Kind is not (KernelOutcomeKind.Busy or KernelOutcomeKind.NotRunning) && Look() is { IsOk: true, Value: { IsOn: true } state } && state.Pid == _thread)
        {
            Give(Off);
            return outcome with { Message = outcome.Message + "; half of it may have been in force, so the kdamond was stopped" };
        }

        return outcome;
    }

    /// <inheritdoc/>
    public KernelOutcome CommitGoals(KernelContext context)
    {
        _tree.BeginCall();
        if (Running() is { IsDone: false } notRunning)
        {
            return notRunning;
        }

        if (Prepare(context) is { IsDone: false } unprepared)
        {
            return unprepared;
        }

        var current = new List<KernelFile>();
        if (!KernelContextRenderer.Render(Context!, Features, current).IsDone || !current.Where(IsNotFed).SequenceEqual(_files.Where(IsNotFed)))
        {
            throw new ArgumentException("Only the goals' current values may differ from the context in force.", nameof(context));
        }

        // All of it, not only the goals: after a refused commit the files hold what was refused.
        if (Fill() is { IsDone: false } unfilled)
        {
            return unfilled;
        }

        var outcome = Command("commit_schemes_quota_goals", context);
        if (outcome.IsDone)
        {
            Context = context;
        }

        return outcome;

        static bool IsNotFed(KernelFile file) => !file.Path.EndsWith("/" + KernelFiles.GoalCurrent, StringComparison.Ordinal);
    }

    /// <inheritdoc/>
    public KernelOutcome Stop()
    {
        _tree.BeginCall();
        var look = Look();
        if (!look.TryGet(out var state))
        {
            // A folder is only made anew while nothing runs: where it is gone, ours has ended.
            return From(look.Error) is { Kind: not KernelOutcomeKind.Overwritten } failed ? failed : KernelOutcome.Done;
        }

        if (!state.IsOn)
        {
            _thread = NoThread;
            return KernelOutcome.Done;
        }

        if (state.Pid != _thread)
        {
            return Foreign();
        }

        var given = Give(Off);

        // EPERM and EINVAL are said of one that has ended in between, too.
        if (!given.IsOk && Look() is not { IsOk: true, Value.IsOn: false })
        {
            return From(given.Error);
        }

        _thread = NoThread;
        return KernelOutcome.Done;
    }

    /// <inheritdoc/>
    public HostResult<KdamondState> ReadState()
    {
        _tree.BeginCall();
        return Look();
    }

    /// <inheritdoc/>
    public KernelOutcome Check()
    {
        _tree.BeginCall();
        var running = Running();
        return running.IsDone ? Compare(known: _written) : running;
    }

    private HostResult<KdamondState> Look()
    {
        var word = _tree.Read(_folder + "state");
        if (!word.IsOk)
        {
            return word.Error;
        }

        if (word.Value is not (On or Off))
        {
            return new HostError(HostErrorKind.Malformed, _folder + "state", $"'{word.Value}' is neither {On} nor {Off}");
        }

        if (word.Value == Off)
        {
            return new KdamondState(IsOn: false, NoThread);
        }

        var thread = _tree.Read(_folder + "pid");
        return !thread.IsOk ? thread.Error
            : !int.TryParse(thread.Value, out var pid) ? new HostError(HostErrorKind.Malformed, _folder + "pid", $"'{thread.Value}' is no thread")
            : pid < 0 ? new KdamondState(IsOn: false, NoThread) // ended between the two reads
            : new KdamondState(IsOn: true, pid);
    }

    private HostResult<int> Give(string command) => _tree.Write(_folder + "state", command);

    /// <summary>Gives a command to the kdamond, which was running, and looks whether it survived.</summary>
    private KernelOutcome Command(string command, KernelContext context)
    {
        var given = Give(command);
        if (!given.IsOk)
        {
            return Cause(command, given.Error, context, wasRunning: true);
        }

        var after = Look();
        if (after.Error.Kind is HostErrorKind.Busy or HostErrorKind.TryAgain && Features.HasFilterLayers)
        {
            // Newer kernels answer with how the command ended: it is in force, whoever has the lock now.
            return KernelOutcome.Done;
        }

        return !after.TryGet(out var state) ? From(after.Error)
            : state.IsOn && state.Pid == _thread ? KernelOutcome.Done
            : state.IsOn ? Foreign()
            : Missing(context) is { } missing ? missing with { Message = missing.Message + "; the kdamond has ended over it" }
            : Ended();
    }

    /// <summary>Whether ours runs.</summary>
    private KernelOutcome Running()
    {
        if (Context is null)
        {
            return new KernelOutcome(KernelOutcomeKind.NotRunning, $"kdamond {Index} was not started");
        }

        var look = Look();
        return !look.TryGet(out var state) ? From(look.Error)
            : !state.IsOn ? Ended()
            : state.Pid != _thread ? Foreign()
            : KernelOutcome.Done;
    }

    private KernelOutcome Ended()
    {
        _thread = NoThread;
        return Context is not null && _tree.Read(_folder + "contexts/nr_contexts") is not { IsOk: true, Value: "1" }
            ? new KernelOutcome(KernelOutcomeKind.Overwritten, $"kdamond {Index} does not run and its context is gone: somebody else has made the kdamonds anew")
            : new KernelOutcome(KernelOutcomeKind.NotRunning, $"kdamond {Index} has ended: its targets are gone, or somebody turned it off");
    }

    private KernelOutcome Foreign() =>
        new(KernelOutcomeKind.Overwritten, $"kdamond {Index} is not the one that we started: somebody else uses the interface");

    private KernelOutcome Prepare(KernelContext context)
    {
        var rendered = KernelContextRenderer.Render(context, Features, _files);
        return rendered.IsDone ? Missing(context) ?? KernelOutcome.Done : rendered;
    }

    /// <summary>What a context names and is not there; null where all is.</summary>
    private KernelOutcome? Missing(KernelContext context)
    {
        foreach (var target in context.Operations == KernelOperations.Paddr ? [] : context.Targets)
        {
            if (!_subjects.HasProcess(target.Pid))
            {
                return new KernelOutcome(KernelOutcomeKind.TargetVanished, $"process {target.Pid} is gone");
            }
        }

        foreach (var scheme in context.Schemes)
        {
            var filters = scheme.Filters.Where(filter => filter.Type == SchemeFilterType.Cgroup).Select(filter => filter.CgroupPath);
            var goals = (scheme.Quota?.Goals ?? []).Where(goal => QuotaGoal.IsOfCgroup(goal.Metric)).Select(goal => goal.Cgroup ?? "");
            foreach (var path in filters.Concat(goals).Select(KernelFiles.CgroupPath))
            {
                if (!_subjects.HasCgroup(path))
                {
                    return new KernelOutcome(KernelOutcomeKind.TargetVanished, $"the control group {path} is gone");
                }
            }
        }

        return null;
    }

    /// <summary>Brings the files to what was rendered.</summary>
    private KernelOutcome Fill()
    {
        foreach (var file in _files)
        {
            var isKnown = _written.TryGetValue(file.Path, out var written);
            if (isKnown && written == file.Value)
            {
                continue;
            }

            if (isKnown && file.Kind == KernelFileKind.Count)
            {
                ForgetBelow(file.Path);
            }

            var result = _tree.Write(_contextFolder + file.Path, file.Value);
            if (!result.IsOk)
            {
                Forget(file);
                return From(result.Error, $" when '{file.Value}' was written");
            }

            _written[file.Path] = file.Value;
        }

        return Compare();
    }

    /// <summary>Reads everything back, also what was written long ago: somebody else may write too.</summary>
    /// <param name="known">Only what was written as it is wanted is compared; null for all.</param>
    private KernelOutcome Compare(Dictionary<string, string>? known = null)
    {
        foreach (var file in _files)
        {
            if (known is not null && (!known.TryGetValue(file.Path, out var written) || written != file.Value))
            {
                // After a commit that was refused half-way, or where the kernel itself writes its tuned intervals there.
                continue;
            }

            var read = _tree.Read(_contextFolder + file.Path);
            if (!read.TryGet(out var found))
            {
                return From(read.Error);
            }

            if (!IsSame(file, found))
            {
                // What was found is what the next call has to change.
                Forget(file);
                return new KernelOutcome(KernelOutcomeKind.Overwritten, $"{_contextFolder}{file.Path} holds '{Shortened(found)}' and not '{file.Value}', which was written: somebody else uses the interface");
            }
        }

        return KernelOutcome.Done;
    }

    private static bool IsSame(KernelFile file, string found)
    {
        var text = found.AsSpan().Trim();
        return text.SequenceEqual(file.Value) || (file.Kind == KernelFileKind.Flag && text is [var flag] && (file.Value == "Y" ? flag is 'y' or '1' : flag is 'n' or '0'));
    }

    private static string Shortened(string text) => text.Length <= 80 ? text : text[..80] + "…";

    private void Forget(KernelFile file)
    {
        _written.Remove(file.Path);
        if (file.Kind == KernelFileKind.Count)
        {
            ForgetBelow(file.Path);
        }
    }

    private void ForgetBelow(string count)
    {
        var folder = count[..(count.LastIndexOf('/') + 1)];
        foreach (var path in _written.Keys)
        {
            if (path.StartsWith(folder, StringComparison.Ordinal) && path != count)
            {
                _written.Remove(path);
            }
        }
    }

    /// <summary>What a file's error means.</summary>
    private KernelOutcome From(HostError error, string when = "")
    {
        switch (error.Kind)
        {
            case HostErrorKind.Busy or HostErrorKind.TryAgain:
                return new KernelOutcome(KernelOutcomeKind.Busy, $"{error.Subject} stayed locked: somebody else uses the interface, or a command takes long");
            case HostErrorKind.Denied:
                return new KernelOutcome(KernelOutcomeKind.Denied, error.ToString());
            case HostErrorKind.Vanished when _tree.Exists(KernelFiles.KdamondCount):
                // Whatever we know of the files is of no use any more.
                _written.Clear();
                return new KernelOutcome(KernelOutcomeKind.Overwritten, $"{error.Subject} is gone: somebody else has made the folders anew");
            case HostErrorKind.Vanished:
                _written.Clear();
                return new KernelOutcome(KernelOutcomeKind.Vanished, $"{error.Subject} is gone, and the whole interface with it");
            default:
                return new KernelOutcome(KernelOutcomeKind.Refused, $"{error}{(error.Errno > 0 ? $" (errno {error.Errno})" : "")}{when}");
        }
    }

    /// <summary>Why a command failed. EINVAL and ENOMEM are said of much: of a process and of a control group that are gone, too.</summary>
    private KernelOutcome Cause(string command, HostError error, KernelContext context, bool wasRunning)
    {
        if (error.Errno == KernelErrno.Canceled)
        {
            return Ended();
        }

        if (error.Errno is not (KernelErrno.Invalid or KernelErrno.OutOfMemory))
        {
            return From(error);
        }

        if (Missing(context) is { } missing)
        {
            return missing;
        }

        if (wasRunning && Look() is { IsOk: true, Value.IsOn: false })
        {
            return Ended();
        }

        return new KernelOutcome(KernelOutcomeKind.Refused, error.Errno == KernelErrno.Invalid
            ? $"the kernel takes '{command}' for invalid (EINVAL)"
            : $"the kernel has no memory for '{command}' (ENOMEM), or does not find a control group");
    }
}
