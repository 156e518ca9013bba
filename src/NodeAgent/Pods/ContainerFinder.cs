using Damon.Engine.Host;

namespace Damon.NodeAgent.Pods;

/// <summary>
/// Finds the containers of the node's pods on the host, again and again: their control groups and processes. One call of <see cref="Look"/> per tick, on one thread.
/// </summary>
/// <remarks>
/// <para>
/// A container is looked for where <see cref="ContainerLocator"/> computes it to be. Only when a running container is not there the whole control group tree is looked through, and then /proc: that costs
/// a listing per group and a read per process, so it is done at most every 10 s, and ever more seldom for a container that is not found that way either.
/// </para>
/// <para>
/// What was found is remembered by its control group's inode. A tick costs, per container, a read of cgroup.procs, one of cgroup.stat and one stat(2), which shows that the group is still
/// the same; and per process a read of its stat file, which shows the same of the process. What fails that is forgotten and looked up anew at once.
/// </para>
/// </remarks>
internal sealed class ContainerFinder
{
    private readonly TimeProvider _time;
    private readonly ContainerFinderOptions _options;
    private readonly string _below;
    private readonly long _origin;
    private readonly ContainerLocator _locator;
    private readonly ContainerProcesses _processes;
    private readonly ProcCgroupScan _scan;

    private readonly Dictionary<string, FollowedContainer> _followed = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SearchTurn> _turns = new(StringComparer.Ordinal);

    // Of the current look only; kept so that a look in which nothing happens allocates little.
    private readonly Dictionary<string, WantedContainer> _wanted = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _claims = new(StringComparer.Ordinal);
    private readonly HashSet<string> _ambiguous = new(StringComparer.Ordinal);
    private readonly Dictionary<string, MissingReason> _reasons = new(StringComparer.Ordinal);
    private readonly List<WantedContainer> _lost = [];
    private readonly List<int> _counts = [];
    private readonly List<string> _gone = [];
    private readonly WantedContainers _searched = new();

    private TimeSpan _searchedAt;
    private bool _hasSearched;

    /// <summary>A finder that has found nothing yet.</summary>
    /// <param name="host">The host; its /proc and its control groups are those of the node, not of the agent's own container.</param>
    /// <param name="time">The clock.</param>
    /// <param name="options">How to look.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public ContainerFinder(HostRoot host, TimeProvider time, ContainerFinderOptions? options = null)
    {
        _time = time;
        _options = options ?? new ContainerFinderOptions();
        if (_options.MaxProcesses < 1 || _options.MaxProcessesPerContainer < 1)
        {
            throw new ArgumentException("A finder that may follow no process finds nothing.", nameof(options));
        }

        if (_options.CgroupRoot.Split('/').Contains(".."))
        {
            throw new ArgumentException($"A control group's path has no '..': {_options.CgroupRoot}", nameof(options));
        }

        var below = _options.CgroupRoot.Trim('/');
        _below = below.Length == 0 ? "" : "/" + below;
        _origin = time.GetTimestamp();
        _locator = new ContainerLocator(host, _below);
        _processes = new ContainerProcesses(host);
        _scan = new ProcCgroupScan(host);
    }

    /// <summary>Everything that was there at the last look.</summary>
    public IEnumerable<ContainerMemory> Containers => _followed.Values.Select(one => one.Memory!);

    /// <summary>The groups in which kubelets keep pods, as far as they are known; for people.</summary>
    public IReadOnlyList<KubepodsRoot> Roots => _locator.Roots;

    /// <summary>How control groups are mounted, as far as it was looked at.</summary>
    public CgroupLayout Layout => _locator.Layout;

    /// <summary>Looks at the host.</summary>
    /// <param name="pods">All pods of the node as they are now. Whichever containers are wanted of them: what is in a pod is told apart from what is not only when all are known.</param>
    /// <returns>What is different from the last look. Nothing here is an error: what cannot be found is among the missing.</returns>
    public ContainerLook Look(IReadOnlyCollection<PodRecord> pods)
    {
        ArgumentNullException.ThrowIfNull(pods);
        var now = _time.GetElapsedTime(_origin);
        var appeared = new List<ContainerMemory>();
        var changed = new List<ContainerChange>();
        var vanished = new List<VanishedContainer>();
        var missing = new List<MissingContainer>();

        Collect(pods, missing);
        ForgetUnwanted(vanished);
        _lost.Clear();
        foreach (var (_, wanted) in _wanted)
        {
            FindOrKeep(wanted, vanished, now);
        }

        if (IsSearchDue(now))
        {
            Search(pods, vanished, now);
        }

        foreach (var wanted in _lost)
        {
            missing.Add(Describe(wanted));
        }

        var (leftOut, unseen) = ReadProcesses(appeared, changed);
        return new ContainerLook(appeared, changed, vanished, missing, leftOut, unseen);
    }

    private static MissingContainer Missing(PodRecord pod, ContainerRecord container, MissingReason reason, string text) =>
        new(pod.Uid, container.Name, container.RuntimeId, reason, text);

    private static MissingReason ReasonOf(HostErrorKind kind) => kind switch
    {
        HostErrorKind.Vanished => MissingReason.CgroupGone,
        HostErrorKind.Denied => MissingReason.Denied,
        _ => MissingReason.Unreadable,
    };

    /// <summary>Tells the containers that run, and so are to be found, from those that cannot be found now.</summary>
    private void Collect(IReadOnlyCollection<PodRecord> pods, List<MissingContainer> missing)
    {
        _wanted.Clear();
        _claims.Clear();
        _ambiguous.Clear();
        _reasons.Clear();
        foreach (var pod in pods)
        {
            foreach (var container in pod.Containers)
            {
                Collect(pod, container, missing);
            }
        }

        foreach (var runtimeId in _ambiguous)
        {
            if (_wanted.Remove(runtimeId, out var wanted))
            {
                Refuse(wanted.Pod, wanted.Container, MissingReason.Ambiguous, "more than one container has this id", missing);
            }
        }
    }

    private void Collect(PodRecord pod, ContainerRecord container, List<MissingContainer> missing)
    {
        var runtimeId = container.RuntimeId;
        if (!container.Running)
        {
            var hasEnded = runtimeId.Length > 0;
            Refuse(pod, container, hasEnded ? MissingReason.Ended : MissingReason.NotStarted, hasEnded ? "it does not run any more" : "it has not been started", missing);
            return;
        }

        if (runtimeId.Length == 0)
        {
            Refuse(pod, container, MissingReason.NotStarted, "it runs, but its id is not known yet", missing);
            return;
        }

        RuntimeContainerId id;
        if (_followed.TryGetValue(runtimeId, out var followed))
        {
            id = followed.Wanted.Id;
        }
        else if (!RuntimeContainerId.TryParse(runtimeId, out id))
        {
            Refuse(pod, container, MissingReason.Malformed, $"'{runtimeId}' is not a container's id", missing);
            return;
        }

        if (!CgroupSegment.IsPlainUid(pod.CgroupUid))
        {
            Refuse(pod, container, MissingReason.Malformed, $"'{pod.CgroupUid}' is not a pod's uid", missing);
            return;
        }

        if (!_claims.TryAdd(id.Id, runtimeId))
        {
            // Whose processes they are cannot be said, so they are nobody's: one of the two might be a pod that must not be touched.
            _ambiguous.Add(_claims[id.Id]);
            Refuse(pod, container, MissingReason.Ambiguous, "more than one container has this id", missing);
            return;
        }

        _wanted.Add(runtimeId, new WantedContainer(pod, container, id));
    }

    private void Refuse(PodRecord pod, ContainerRecord container, MissingReason reason, string text, List<MissingContainer> missing)
    {
        missing.Add(Missing(pod, container, reason, text));
        if (container.RuntimeId.Length > 0)
        {
            _reasons[container.RuntimeId] = reason;
        }
    }

    private void ForgetUnwanted(List<VanishedContainer> vanished)
    {
        _gone.Clear();
        foreach (var (runtimeId, followed) in _followed)
        {
            // The same id in another pod is another claim, which has to be looked up by itself.
            if (!_wanted.TryGetValue(runtimeId, out var wanted) || wanted.Pod.Uid != followed.Wanted.Pod.Uid || wanted.Pod.CgroupUid != followed.Wanted.Pod.CgroupUid
                || wanted.Container.Name != followed.Wanted.Container.Name)
            {
                _gone.Add(runtimeId);
            }
        }

        foreach (var runtimeId in _gone)
        {
            Forget(runtimeId, _reasons.TryGetValue(runtimeId, out var reason) ? reason : MissingReason.PodGone, vanished);
        }

        _gone.Clear();
        foreach (var runtimeId in _turns.Keys)
        {
            if (!_wanted.ContainsKey(runtimeId))
            {
                _gone.Add(runtimeId);
            }
        }

        foreach (var runtimeId in _gone)
        {
            _turns.Remove(runtimeId);
        }
    }

    private void Forget(string runtimeId, MissingReason reason, List<VanishedContainer> vanished)
    {
        if (_followed.Remove(runtimeId, out var followed) && followed.Memory is { } memory)
        {
            vanished.Add(new VanishedContainer(memory, reason));
        }
    }

    private void FindOrKeep(WantedContainer wanted, List<VanishedContainer> vanished, TimeSpan now)
    {
        var runtimeId = wanted.Container.RuntimeId;
        var wasFollowed = _followed.TryGetValue(runtimeId, out var followed);
        if (wasFollowed)
        {
            followed!.Wanted = wanted;
            if (followed.Cgroup is null)
            {
                // Its pids are those of the last scan; whether they are still these processes is seen when they are read.
                followed.LeftOut = 0;
                return;
            }

            var error = _processes.ReadPids(followed);
            if (error is null)
            {
                return;
            }

            Forget(runtimeId, ReasonOf(error.Value.Kind), vanished);
        }

        if (_locator.TryLocate(wanted) is { } located && Follow(located))
        {
            return;
        }

        if (_locator.Trouble is { } trouble)
        {
            _reasons[runtimeId] = ReasonOf(trouble.Kind);
        }

        _lost.Add(wanted);
        if (!_turns.ContainsKey(runtimeId))
        {
            // What was there a moment ago and is gone has most likely ended, and the API will say so within a second: no reason to look through everything.
            _turns[runtimeId] = new SearchTurn(wasFollowed ? now + _options.SearchEvery : now, _options.SearchEvery);
        }
    }

    /// <summary>Takes a container in if its group can be read and is still the one that was located.</summary>
    private bool Follow(FollowedContainer located)
    {
        var error = located.Cgroup is null ? null : _processes.ReadPids(located);
        if (error is { } failed)
        {
            _reasons[located.Wanted.Container.RuntimeId] = ReasonOf(failed.Kind);
            return false;
        }

        var runtimeId = located.Wanted.Container.RuntimeId;
        _followed[runtimeId] = located;
        _turns.Remove(runtimeId);
        return true;
    }

    private bool IsSearchDue(TimeSpan now)
    {
        if (_hasSearched && now - _searchedAt < _options.SearchEvery)
        {
            return false;
        }

        foreach (var wanted in _lost)
        {
            if (_turns[wanted.Container.RuntimeId].NextAt <= now)
            {
                return true;
            }
        }

        foreach (var (_, followed) in _followed)
        {
            if (followed.Cgroup is null)
            {
                return true;
            }
        }

        return false;
    }

    private void Search(IReadOnlyCollection<PodRecord> pods, List<VanishedContainer> vanished, TimeSpan now)
    {
        _hasSearched = true;
        _searchedAt = now;
        _searched.Clear();
        foreach (var pod in pods)
        {
            _searched.AddPod(pod);
        }

        foreach (var wanted in _lost)
        {
            _searched.Add(wanted);
        }

        if (_lost.Count > 0)
        {
            _locator.Search(_searched);
            TakeWhatWasFound();
        }

        foreach (var followed in _followed.Values.Where(one => one.Cgroup is null).ToList())
        {
            // Its group may have become visible, or readable, meanwhile.
            if (_locator.TryLocate(followed.Wanted) is { } located && Follow(located))
            {
                vanished.Add(new VanishedContainer(followed.Memory!, MissingReason.Relocated));
            }
            else
            {
                _searched.Add(followed.Wanted);
            }
        }

        if (_searched.Count > 0)
        {
            ScanProcesses(vanished);
        }

        foreach (var wanted in _lost)
        {
            var runtimeId = wanted.Container.RuntimeId;
            if (_turns.TryGetValue(runtimeId, out var turn) && turn.NextAt <= now)
            {
                var wait = turn.Wait * 2;
                _turns[runtimeId] = new SearchTurn(now + turn.Wait, wait < _options.SearchAtLeastEvery ? wait : _options.SearchAtLeastEvery);
            }
        }
    }

    private void TakeWhatWasFound()
    {
        for (var i = _lost.Count - 1; i >= 0; i--)
        {
            var wanted = _lost[i];
            if ((_locator.TryLocate(wanted) ?? _locator.TryFound(wanted)) is { } located && Follow(located))
            {
                _searched.Remove(wanted);
                _lost.RemoveAt(i);
            }
        }
    }

    private void ScanProcesses(List<VanishedContainer> vanished)
    {
        if (!_scan.Run(_locator.IsUnified, _searched).IsOk)
        {
            return;
        }

        for (var i = _lost.Count - 1; i >= 0; i--)
        {
            if (_scan.Found.TryGetValue(_lost[i].Id.Id, out var pids))
            {
                var followed = new FollowedContainer(_lost[i]);
                followed.Pids.AddRange(pids);
                Follow(followed);
                _lost.RemoveAt(i);
            }
        }

        _gone.Clear();
        foreach (var (runtimeId, followed) in _followed)
        {
            if (followed.Cgroup is null)
            {
                followed.Pids.Clear();
                if (_scan.Found.TryGetValue(followed.Wanted.Id.Id, out var pids))
                {
                    followed.Pids.AddRange(pids);
                }
                else
                {
                    _gone.Add(runtimeId);
                }
            }
        }

        foreach (var runtimeId in _gone)
        {
            _lost.Add(_followed[runtimeId].Wanted);
            Forget(runtimeId, MissingReason.CgroupGone, vanished);
        }
    }

    private MissingContainer Describe(WantedContainer wanted)
    {
        var (pod, container) = (wanted.Pod, wanted.Container);
        if (_reasons.TryGetValue(container.RuntimeId, out var reason) && reason != MissingReason.CgroupGone)
        {
            return Missing(pod, container, reason, reason == MissingReason.Denied ? "the right to look at its control group is missing" : "its control group could not be read");
        }

        return _locator.Mount.Length == 0 ? Missing(pod, container, MissingReason.NoCgroups, "no control groups are mounted below the host's root")
            : Roots.Count == 0 ? Missing(pod, container, MissingReason.NoSuchLayout, $"there is no kubepods group at or below '{(_below.Length == 0 ? "/" : _below)}'")
            : Missing(pod, container, MissingReason.CgroupGone, $"there is no control group for it in {Roots[0].Path}");
    }

    private (int LeftOut, int Unseen) ReadProcesses(List<ContainerMemory> appeared, List<ContainerChange> changed)
    {
        _counts.Clear();
        foreach (var (_, followed) in _followed)
        {
            _counts.Add(followed.Pids.Count);
        }

        var level = ProcessShares.Level(_counts, _options.MaxProcessesPerContainer, _options.MaxProcesses);
        int leftOut = 0, unseen = 0;
        foreach (var (_, followed) in _followed)
        {
            _processes.ReadIdentities(followed, level, _locator.IsUnified);
            Tell(followed, appeared, changed);
            leftOut += followed.Memory!.ProcessesLeftOut;
            unseen += followed.Memory.ProcessesUnseen;
        }

        return (leftOut, unseen);
    }

    private static void Tell(FollowedContainer followed, List<ContainerMemory> appeared, List<ContainerChange> changed)
    {
        List<ProcessIdentity>? added = null;
        List<ProcessIdentity>? removed = null;
        foreach (var (pid, identity) in followed.Next)
        {
            if (!followed.Processes.TryGetValue(pid, out var before) || before != identity)
            {
                (added ??= []).Add(identity);
            }
        }

        foreach (var (pid, identity) in followed.Processes)
        {
            if (!followed.Next.TryGetValue(pid, out var after) || after != identity)
            {
                (removed ??= []).Add(identity);
            }
        }

        var last = followed.Memory;
        followed.Turn();
        var isNew = last is null;
        var hasChanged = added is not null || removed is not null;
        if (!isNew && !hasChanged && last!.ProcessesLeftOut == followed.LeftOut && last.ProcessesUnseen == followed.Unseen)
        {
            return;
        }

        var wanted = followed.Wanted;
        var memory = new ContainerMemory(
            wanted.Pod.Uid,
            wanted.Pod.Namespace,
            wanted.Pod.Name,
            wanted.Container.Name,
            wanted.Container.Kind,
            wanted.Container.RuntimeId,
            followed.Cgroup,
            followed.PodCgroup,
            isNew || hasChanged ? [.. followed.Processes.Values.OrderBy(one => one.Pid)] : last!.Processes,
            followed.LeftOut,
            followed.Unseen);
        followed.Memory = memory;
        if (isNew)
        {
            appeared.Add(memory);
        }
        else if (hasChanged)
        {
            changed.Add(new ContainerChange(memory, added ?? [], removed ?? []));
        }
    }

    /// <summary>When a container that was not found is searched for again.</summary>
    /// <param name="NextAt">Not before then.</param>
    /// <param name="Wait">How long to wait after that.</param>
    private readonly record struct SearchTurn(TimeSpan NextAt, TimeSpan Wait);
}
