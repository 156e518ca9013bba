using System.Globalization;
using System.Text;
using Damon.Engine.Host;
using Damon.Engine.Machine;

namespace Damon.Engine.KernelDamon;

/// <summary>
/// Takes the one interface to DAMON that a machine has, watches over it, and gives it back. The kernel lets anybody overwrite anybody there, so this is where it is decided that nothing is
/// written: whatever is not provably ours is somebody else's, running or not, and is only looked at.
/// </summary>
/// <remarks>
/// Everything that is done is written to the owner record first. Whoever ends in the middle therefore leaves a record that says no less than what was done, and the next one can clean up.
/// Calls block for as long as the kernel does (turning off waits for a thread to end) and retry what is locked for at most <see cref="OwnershipSettings.Patience"/> a step: they belong on
/// the one thread that talks to the kernel. Not thread-safe.
/// </remarks>
public sealed class DamonOwnership : IDisposable
{
    private const string Count = "kdamonds/nr_kdamonds";
    private const string BootIdPath = "/proc/sys/kernel/random/boot_id";
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(100);
    private readonly IDamonTree _tree;
    private readonly HostRoot _host;
    private readonly TimeProvider _time;
    private readonly OwnershipSettings _settings;
    private readonly OwnerRecordFile _file;

    /// <summary>What the record says; null while nothing is held.</summary>
    private OwnerRecord? _record;

    /// <summary>Nothing is read or written before <see cref="Take"/>.</summary>
    /// <param name="tree">The kernel's files.</param>
    /// <param name="host">The host: who runs, the modules, and the owner record.</param>
    /// <param name="time">Waits between retries.</param>
    /// <param name="settings">How it is taken.</param>
    /// <exception cref="ArgumentException">The record's path is not absolute, or the patience is not above zero.</exception>
    public DamonOwnership(IDamonTree tree, HostRoot host, TimeProvider time, OwnershipSettings settings)
    {
        if (settings.Patience <= TimeSpan.Zero)
        {
            throw new ArgumentException($"Patience is above zero, not {settings.Patience}.", nameof(settings));
        }

        _tree = tree;
        _host = host;
        _time = time;
        _settings = settings;
        _file = new OwnerRecordFile(host, settings.RecordPath);
    }

    /// <summary>Whether it was taken and not given back. <see cref="Check"/> says whether it still is as it was left.</summary>
    public bool IsHeld => _record is not null;

    private OwnerRecord Held => _record ?? throw new InvalidOperationException("The kernel's DAMON is not held.");

    /// <summary>
    /// Takes it: cleans up after a predecessor that has ended, switches off the modules that may be, and makes empty kdamonds. Where that does not end well, what was done is taken back.
    /// </summary>
    /// <param name="kdamonds">How many, from 1; the number cannot change while one of them runs.</param>
    /// <returns><see cref="KernelOutcomeKind.Busy"/> where it is somebody else's, or cannot be seen not to be: then nothing was written.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number of kdamonds that no machine has.</exception>
    /// <exception cref="InvalidOperationException">It is held already.</exception>
    public KernelOutcome Take(int kdamonds)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(kdamonds, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(kdamonds, OwnerRecord.MaxKdamonds);
        if (IsHeld)
        {
            throw new InvalidOperationException("The kernel's DAMON is held already; give it back first.");
        }

        if (!_tree.Exists(Count))
        {
            return new(KernelOutcomeKind.Vanished, "The kernel has no DAMON sysfs interface.");
        }

        if (!_host.ReadText(BootIdPath).TryGet(out var bootId) || !OwnerRecords.Self(_host).TryGet(out var self))
        {
            return new(KernelOutcomeKind.Refused, "This process cannot find itself in /proc, so an owner record would prove nothing; is the host's /proc mounted?");
        }

        // First without the lock: on a machine that is somebody else's not even a file of our own is made.
        var (judgement, look, left) = Judge(bootId, self);
        if (WhyNot(judgement, look) is { IsDone: false } refused)
        {
            return refused;
        }

        var locked = _file.Lock();
        if (!locked.IsOk)
        {
            return locked.Error.Kind == HostErrorKind.Busy
                ? new(KernelOutcomeKind.Busy, $"Another agent of ours is taking the kernel's DAMON, or has it ({locked.Error.Detail}).")
                : Of(locked.Error, "the owner record");
        }

        // Another agent may have come and gone in between.
        (judgement, look, left) = Judge(bootId, self);
        refused = WhyNot(judgement, look);
        var outcome = refused.IsDone ? TakeLocked(kdamonds, bootId, self, look, left) : refused;
        if (!outcome.IsDone)
        {
            _file.Unlock();
        }

        return outcome;
    }

    /// <summary>
    /// Puts back what an agent that has ended has left, and takes nothing: its kdamonds are turned off and removed, the modules that it had switched off are switched on again. For whoever may never need the
    /// interface: what is left there goes on counting accesses, and keeps everybody else out.
    /// </summary>
    /// <returns>Done where nothing is left, also where there was nothing. Where what is there is not all ours nothing is written, and it is <see cref="KernelOutcomeKind.Busy"/>.</returns>
    /// <exception cref="InvalidOperationException">It is held.</exception>
    public KernelOutcome CleanUp()
    {
        if (IsHeld)
        {
            throw new InvalidOperationException("The kernel's DAMON is held; give it back.");
        }

        if (_file.Read() is null)
        {
            return KernelOutcome.Done;
        }

        if (!_host.ReadText(BootIdPath).TryGet(out var bootId) || !OwnerRecords.Self(_host).TryGet(out var self))
        {
            return new(KernelOutcomeKind.Refused, "This process cannot find itself in /proc, so it cannot be said who has ended; is the host's /proc mounted?");
        }

        // First without the lock, as it is taken.
        if (WhyNotClean(Judge(bootId, self)) is { } nothing)
        {
            return nothing;
        }

        var locked = _file.Lock();
        if (!locked.IsOk)
        {
            return locked.Error.Kind == HostErrorKind.Busy ? KernelOutcome.Done : Of(locked.Error, "the owner record");
        }

        var judged = Judge(bootId, self);
        var outcome = WhyNotClean(judged) ?? CleanLocked(judged.Left!, judged.Look);
        _file.Unlock();
        return outcome;
    }

    /// <summary>Says that a kdamond is about to be turned on. To be called right before: whoever ends between the two leaves a kdamond that can be proven ours.</summary>
    /// <param name="index">Which one.</param>
    public KernelOutcome Starting(int index) => Note(index, Held.Kdamonds[index] with { IsStarting = true, ThreadPid = 0, ThreadStartTicks = 0 });

    /// <summary>Says that a kdamond was turned on, and reads in which thread it runs. From now on any other thread there is a loss.</summary>
    /// <param name="index">Which one.</param>
    /// <returns><see cref="KernelOutcomeKind.NotRunning"/> where it has ended already.</returns>
    public KernelOutcome Started(int index)
    {
        var held = Held;
        var kdamond = Patiently(() => KdamondLook.Read(_tree, _host, index), seen => seen.IsOn is not null);
        return kdamond switch
        {
            { IsOn: null } => new(KernelOutcomeKind.Busy, $"{Capitalized(kdamond)}."),
            { IsOn: false } => new(KernelOutcomeKind.NotRunning, $"{Capitalized(kdamond)}; it was turned on."),
            { Thread: not { } } => new(KernelOutcomeKind.Refused, $"{Capitalized(kdamond)}, and that thread is not seen from here; the host's pid namespace is needed."),
            _ => Note(index, held.Kdamonds[index] with { IsStarting = false, ThreadPid = kdamond.Thread.Value.Pid, ThreadStartTicks = kdamond.Thread.Value.StartTimeTicks }),
        };
    }

    /// <summary>Says that a kdamond was turned off. It not running is no loss then.</summary>
    /// <param name="index">Which one.</param>
    public KernelOutcome Stopped(int index) => Note(index, Held.Kdamonds[index] with { IsStarting = false, ThreadPid = 0, ThreadStartTicks = 0 });

    /// <summary>Looks whether everything still is as it was left. Reads only.</summary>
    public OwnershipCheck Check()
    {
        if (_record is not { } record)
        {
            return new(DamonLoss.NotHeld, Message: "The kernel's DAMON is not held.");
        }

        var look = Look();
        if (look.Error.Kind != HostErrorKind.None)
        {
            return new(DamonLoss.Unreadable, Message: $"The kernel's DAMON cannot be read ({look.Error}).");
        }

        if (look.Kdamonds.Count != record.Kdamonds.Count)
        {
            return new(
                DamonLoss.CountChanged,
                Message: string.Create(CultureInfo.InvariantCulture, $"There are {look.Kdamonds.Count} kdamonds where {record.Kdamonds.Count} were made: somebody else has written nr_kdamonds."));
        }

        foreach (var kdamond in look.Kdamonds)
        {
            if (Loss(kdamond, record.Kdamonds[kdamond.Index]) is { IsHeld: false } loss)
            {
                return loss;
            }
        }

        if (look.Modules.Where(module => module.IsOn != false).ToList() is { Count: > 0 } on)
        {
            return new(DamonLoss.ModuleOn, Message: $"Somebody has switched on {OwnershipJudgement.Describe(on)}; a kdamond that ends cannot be started again beside it.");
        }

        return _file.Read() is { } written && written.Owner == record.Owner && written.BootId == record.BootId
            ? OwnershipCheck.Held
            : new(DamonLoss.RecordChanged, Message: $"The owner record {_settings.RecordPath} is gone or another's; after a crash nobody could clean up.");
    }

    /// <summary>
    /// Gives it back: turns off what is provably ours, removes the kdamonds if all of them are, switches the modules on again and removes the record. What is not ours any more is left alone.
    /// </summary>
    /// <returns>Not done where a kdamond could not be turned off or a module not be switched on; then the record stays, and the next agent does it.</returns>
    public KernelOutcome Release()
    {
        if (_record is not { } record)
        {
            return KernelOutcome.Done;
        }

        var outcome = Clean(record, Look(), ownedOnly: true);
        record = outcome.IsDone ? record with { Kdamonds = [] } : record;
        var restored = Restore(record, record.Modules);
        record = record with { Modules = restored.Left };
        outcome = outcome.IsDone ? restored.Outcome : outcome;
        var written = record is { Kdamonds.Count: 0, Modules.Count: 0 } ? _file.Delete() : _file.Write(record);
        _record = null;
        _file.Unlock();
        return !outcome.IsDone || written.IsOk ? outcome : Of(written.Error, "the owner record");
    }

    /// <summary>Only lets go of the record's lock. The record stays, and with it the next one cleans up.</summary>
    internal void LeaveBehind() => _file.Dispose();

    /// <summary>As <see cref="Release"/>.</summary>
    public void Dispose()
    {
        try
        {
            Release();
        }
        finally
        {
            _file.Dispose();
        }
    }

    private static bool IsSettled(HostResult<int> written) => written.Error.Kind is not (HostErrorKind.Busy or HostErrorKind.TryAgain);

    private static string Capitalized(KdamondLook kdamond)
    {
        var text = kdamond.ToString();
        return char.ToUpperInvariant(text[0]) + text[1..];
    }

    private static KernelOutcome Of(HostError error, string what) => new(
        error.Kind switch
        {
            HostErrorKind.Busy => KernelOutcomeKind.Busy,
            HostErrorKind.Denied => KernelOutcomeKind.Denied,
            HostErrorKind.Vanished => KernelOutcomeKind.Vanished,
            _ => KernelOutcomeKind.Refused,
        },
        $"Cannot write {what}: {error}.");

    private static OwnershipCheck Loss(KdamondLook kdamond, OwnedKdamond owned) => kdamond switch
    {
        { IsOn: null } => new(DamonLoss.Unreadable, kdamond.Index, $"{Capitalized(kdamond)}."),
        { Folder: not null } when owned.HasFolder && !owned.IsFolder(kdamond.Folder) =>
            new(DamonLoss.Recreated, kdamond.Index, $"The folder of kdamond {kdamond.Index} is a new one: somebody else has written nr_kdamonds."),
        { IsOn: false } when owned.HasThread => new(DamonLoss.TurnedOff, kdamond.Index, $"{Capitalized(kdamond)}: its targets died, or somebody else turned it off."),

        // Between Starting and Started any thread is the one.
        { IsOn: true } when !owned.IsStarting && !owned.IsThread(kdamond.Thread) => new(DamonLoss.ForeignThread, kdamond.Index, $"{Capitalized(kdamond)}, which we did not start."),
        _ => OwnershipCheck.Held,
    };

    private InterfaceLook Look() => Patiently(() => InterfaceLook.Read(_tree, _host), look => look.IsReadable || look.Error.Kind is not (HostErrorKind.None or HostErrorKind.Busy or HostErrorKind.TryAgain));

    private (OwnershipJudgement Judgement, InterfaceLook Look, OwnerRecord? Left) Judge(string bootId, ProcessIdentity self)
    {
        var left = OwnerRecords.OfThisBoot(_file.Read(), bootId);
        var look = Look();
        return (OwnershipJudgement.Of(look, left, left is not null && OwnerRecords.MayLive(_host, left.Owner), self), look, left);
    }

    private KernelOutcome WhyNot(in OwnershipJudgement judgement, InterfaceLook look)
    {
        if (judgement.Kind is OwnershipKind.Foreign or OwnershipKind.OwnAgent or OwnershipKind.Unreadable)
        {
            var kind = look.Error.Kind is HostErrorKind.Denied ? KernelOutcomeKind.Denied : KernelOutcomeKind.Busy;
            return new(kind, judgement.Message + " Nothing was written.");
        }

        var inTheWay = look.Modules.Where(module => module.IsOn != false && !_settings.ExclusiveModules.Contains(module.Module)).ToList();
        return inTheWay.Count == 0
            ? KernelOutcome.Done
            : new(
                KernelOutcomeKind.Busy,
                $"DAMON is in use by the kernel's own {OwnershipJudgement.Describe(inTheWay)}; allow it in exclusiveModules to have it switched off for as long as we run. Nothing was written.");
    }

    /// <returns>Null where somebody who has ended owes something.</returns>
    private static KernelOutcome? WhyNotClean((OwnershipJudgement Judgement, InterfaceLook Look, OwnerRecord? Left) judged) => judged switch
    {
        // Without a record nothing that is there is ours; a living agent cleans up itself.
        { Left: null } or { Judgement.Kind: OwnershipKind.OwnAgent } => KernelOutcome.Done,
        { Judgement.Kind: OwnershipKind.Foreign or OwnershipKind.Unreadable } when judged.Look.Error.Kind != HostErrorKind.Vanished => new(KernelOutcomeKind.Busy, judged.Judgement.Message + " Nothing was written."),
        _ => null,
    };

    /// <summary>The record stays as it is until it is done: whoever ends in the middle leaves all of it to the next one.</summary>
    private KernelOutcome CleanLocked(OwnerRecord left, InterfaceLook look)
    {
        var cleaned = Clean(left, look, ownedOnly: false);
        if (!cleaned.IsDone)
        {
            return cleaned;
        }

        var restored = Restore(left, left.Modules);
        var written = restored.Left.Count == 0 ? _file.Delete() : _file.Write(left with { Kdamonds = [], Modules = restored.Left });
        return written.IsOk ? restored.Outcome : Of(written.Error, "the owner record");
    }

    private KernelOutcome TakeLocked(int kdamonds, string bootId, ProcessIdentity self, InterfaceLook look, OwnerRecord? left)
    {
        // What a predecessor switched off stays a debt, whoever it was.
        var owed = left?.Modules ?? [];
        var toSwitch = look.Modules.Where(module => module.IsOn != false).Select(module => module.Module).ToList();
        var record = new OwnerRecord(OwnerRecord.CurrentVersion, bootId, self.Pid, self.StartTimeTicks, left?.Kdamonds ?? [], [.. owed.Union(toSwitch)]);
        var written = _file.Write(record);
        if (!written.IsOk)
        {
            return Of(written.Error, "the owner record");
        }

        var cleaned = Clean(record, look, ownedOnly: false);
        if (!cleaned.IsDone)
        {
            return cleaned;
        }

        record = record with { Kdamonds = [] };
        var notAllowed = owed.Where(module => !_settings.ExclusiveModules.Contains(module)).ToList();
        if (notAllowed.Count > 0)
        {
            // The admin no longer allows what the predecessor was allowed: it goes back on, and then it is in the way.
            var restored = Restore(record, notAllowed);
            return GiveUp(record with { Modules = [.. record.Modules.Except(notAllowed).Union(restored.Left)] }, WhyNot(default, Look()) is { IsDone: false } busy ? busy : restored.Outcome with { Kind = KernelOutcomeKind.Busy });
        }

        foreach (var module in toSwitch)
        {
            var off = Switch(module, on: false);
            if (!off.IsDone)
            {
                return GiveUp(record, off);
            }
        }

        record = record with { Kdamonds = [.. Enumerable.Repeat(OwnedKdamond.Unknown, kdamonds)] };
        written = _file.Write(record);
        return written.IsOk ? Make(record) : GiveUp(record with { Kdamonds = [] }, Of(written.Error, "the owner record"));
    }

    /// <summary>Makes the kdamonds that the record announces.</summary>
    private KernelOutcome Make(OwnerRecord record)
    {
        // The shortest time that there is between looking and writing: who configures something within it loses it, and no order of calls can change that.
        var before = Look();
        if (before.Error.Kind != HostErrorKind.None || before.Kdamonds.Count > 0)
        {
            return GiveUp(record with { Kdamonds = [] }, new(KernelOutcomeKind.Busy, OwnershipJudgement.Of(before, null, ownerLives: false, self: null).Message));
        }

        var count = record.Kdamonds.Count;
        var written = Patiently(() => _tree.Write(Count, count.ToString(CultureInfo.InvariantCulture)), IsSettled);
        if (!written.IsOk)
        {
            return GiveUp(record with { Kdamonds = [] }, Of(written.Error, Count));
        }

        // From here on the record keeps announcing them: whoever comes next sees by their folders whether they are empty still.
        var after = Look();
        if (after.Error.Kind != HostErrorKind.None || after.Kdamonds.Count != count || after.Kdamonds.Any(kdamond => kdamond.IsOn != false || !kdamond.IsEmpty))
        {
            return GiveUp(record, new(KernelOutcomeKind.Overwritten, $"{count} empty kdamonds were made, and this was there right after: {string.Join(", ", after.Kdamonds)}. Somebody else writes too."));
        }

        record = record with
        {
            Kdamonds = [.. after.Kdamonds.Select(kdamond => new OwnedKdamond(kdamond.Folder?.Device ?? 0, kdamond.Folder?.Inode ?? 0, IsStarting: false, 0, 0))],
        };
        written = _file.Write(record);
        if (!written.IsOk)
        {
            var undone = Clean(record, after, ownedOnly: true);
            return GiveUp(undone.IsDone ? record with { Kdamonds = [] } : record, Of(written.Error, "the owner record"));
        }

        _record = record;
        return KernelOutcome.Done;
    }

    /// <summary>Takes back what was done before the kdamonds were made, and passes the reason on.</summary>
    private KernelOutcome GiveUp(OwnerRecord record, KernelOutcome why)
    {
        var restored = Restore(record, record.Modules);
        record = record with { Modules = restored.Left };
        _ = record is { Kdamonds.Count: 0, Modules.Count: 0 } ? _file.Delete() : _file.Write(record);
        return why;
    }

    /// <summary>Turns off and removes what the record proves to be ours.</summary>
    /// <param name="record">What is ours.</param>
    /// <param name="look">What is there.</param>
    /// <param name="ownedOnly">Whether some of it may be somebody else's by now; then that is left, and so is the number of kdamonds.</param>
    private KernelOutcome Clean(OwnerRecord record, InterfaceLook look, bool ownedOnly)
    {
        if (look.Error.Kind != HostErrorKind.None)
        {
            // Gone with the module or the mount: there is nothing to clean. Locked: somebody may be in there.
            return look.Error.Kind == HostErrorKind.Vanished ? KernelOutcome.Done : new(KernelOutcomeKind.Busy, $"The kernel's DAMON cannot be read ({look.Error}).");
        }

        if (look.Kdamonds.Count == 0)
        {
            return KernelOutcome.Done;
        }

        var ours = look.Kdamonds.Where(kdamond => OwnershipJudgement.IsProven(kdamond, look.Kdamonds.Count, record)).ToList();
        foreach (var kdamond in ours.Where(kdamond => kdamond.IsOn != false))
        {
            var off = TurnOff(kdamond.Index);
            if (!off.IsDone)
            {
                return off;
            }
        }

        if (ours.Count < look.Kdamonds.Count)
        {
            return ownedOnly ? KernelOutcome.Done : new(KernelOutcomeKind.Busy, "What is in the kernel's DAMON is not all ours.");
        }

        // In the time that they need to leave somebody else may have come: what is removed is looked at again.
        StateWriters.LetLeave(_time);
        look = Look();
        if (!look.IsReadable || look.Kdamonds.Count(kdamond => OwnershipJudgement.IsProven(kdamond, look.Kdamonds.Count, record)) < look.Kdamonds.Count)
        {
            return ownedOnly ? KernelOutcome.Done : new(KernelOutcomeKind.Busy, "What is in the kernel's DAMON is not all ours any more.");
        }

        var written = Patiently(() => _tree.Write(Count, "0"), IsSettled);
        return written.IsOk ? KernelOutcome.Done : Of(written.Error, Count);
    }

    private KernelOutcome TurnOff(int index)
    {
        var state = string.Create(CultureInfo.InvariantCulture, $"kdamonds/{index}/state");
        var written = Patiently(() => _tree.Write(state, "off"), IsSettled);

        // It may have ended by itself at this moment; what counts is that it does not run.
        var seen = Patiently(() => KdamondLook.Read(_tree, _host, index), kdamond => kdamond.IsOn == false);
        return seen.IsOn == false ? KernelOutcome.Done
            : written.IsOk ? new(KernelOutcomeKind.Busy, $"{Capitalized(seen)}, though it was turned off.")
            : Of(written.Error, state);
    }

    private (KernelOutcome Outcome, IReadOnlyList<DamonModule> Left) Restore(OwnerRecord record, IReadOnlyList<DamonModule> modules)
    {
        var left = new List<DamonModule>();
        var outcome = KernelOutcome.Done;
        foreach (var module in record.Modules.Intersect(modules))
        {
            var on = Switch(module, on: true);
            if (!on.IsDone)
            {
                left.Add(module);
                outcome = on;
            }
        }

        return (outcome, left);
    }

    /// <summary>Switches a module and looks whether it is so. On, it starts only where no kdamond runs; off, it waits for its thread to end.</summary>
    private KernelOutcome Switch(DamonModule module, bool on)
    {
        if (DamonModuleFacts.Read(_host).FirstOrDefault(facts => facts.Module == module) is not { Name.Length: > 0 } found || found.Module != module)
        {
            return KernelOutcome.Done;
        }

        var path = DamonModuleFacts.SwitchOf(module);
        var written = Patiently(() => WriteHost(path, on ? "Y" : "N"), IsSettled);
        if (!written.IsOk)
        {
            return Of(written.Error, path);
        }

        var seen = Patiently(() => DamonModuleFacts.Read(_host).First(facts => facts.Module == module), facts => facts.IsOn == on);
        return seen.IsOn == on
            ? KernelOutcome.Done
            : new(KernelOutcomeKind.Busy, $"{path} was written and {seen.Name} still is {(on ? "off" : "on")}.");
    }

    private HostResult<int> WriteHost(string path, string text)
    {
        var opened = _host.Open(path, HostFileAccess.Write);
        if (!opened.TryGet(out var file))
        {
            return opened.Error;
        }

        using (file)
        {
            return file.WriteAt(Encoding.UTF8.GetBytes(text), 0);
        }
    }

    private KernelOutcome Note(int index, OwnedKdamond kdamond)
    {
        var held = Held;
        var next = held with { Kdamonds = [.. held.Kdamonds.Select((owned, place) => place == index ? kdamond : owned)] };
        var written = _file.Write(next);
        if (!written.IsOk)
        {
            return Of(written.Error, "the owner record");
        }

        _record = next;
        return KernelOutcome.Done;
    }

    /// <summary>Asks again, at growing distances, until it is settled or patience ends; gives the last answer.</summary>
    private T Patiently<T>(Func<T> ask, Func<T, bool> isSettled)
    {
        var began = _time.GetTimestamp();
        for (var pause = ShortestPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            var answer = ask();
            if (isSettled(answer) || _time.GetElapsedTime(began) >= _settings.Patience)
            {
                return answer;
            }

            Task.Delay(pause, _time).GetAwaiter().GetResult();
        }
    }
}
