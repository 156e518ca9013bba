namespace Damon.Testing.KernelDamon;

/// <summary>What a kdamond does, or did when it ended, in a time of its own that only commands and tests let pass.</summary>
public sealed class FakeContext
{
    private ulong _nextUpdate;

    /// <summary>The kind of memory.</summary>
    public required string Operations { get; init; }

    /// <summary>A sample, in microseconds.</summary>
    public required ulong SampleMicroseconds { get; set; }

    /// <summary>An aggregation, in microseconds.</summary>
    public required ulong AggregationMicroseconds { get; set; }

    /// <summary>How often the kernel looks for mappings, in microseconds.</summary>
    public required ulong UpdateMicroseconds { get; set; }

    /// <summary>Whether it rests.</summary>
    public required bool IsPaused { get; set; }

    /// <summary>Targets, by place.</summary>
    public IList<FakeRunningTarget> Targets { get; } = [];

    /// <summary>Schemes, by place.</summary>
    public IList<FakeRunningScheme> Schemes { get; } = [];

    /// <summary>Time that passed, in microseconds.</summary>
    public ulong Now { get; private set; }

    internal bool HasProcesses => Operations != "paddr";

    /// <summary>Whether there is nothing left to look at. Physical memory never ends.</summary>
    internal bool IsOver(FakeKernelProcesses processes) => HasProcesses && !Targets.Any(target => processes.IsAlive(target.Pid));

    /// <summary>Begins: processes whose ranges were not given are looked at where they have memory.</summary>
    internal void Start(FakeKernelProcesses processes)
    {
        _nextUpdate = UpdateMicroseconds;
        foreach (var target in Targets.Where(target => Operations == "vaddr" && target.Ranges.Count == 0))
        {
            target.FollowMappings(processes.RegionsOf(target.Pid));
        }

        foreach (var scheme in Schemes)
        {
            Schedule(scheme);
        }
    }

    /// <summary>Puts other inputs in force, as damon_commit_ctx does: by place, and what has been learned stays.</summary>
    internal KernelErrno Commit(FakeContext inputs)
    {
        // The kernel tries the whole commit on a copy first.
        if (inputs.Targets.Skip(Targets.Count).Any(target => target.IsObsolete))
        {
            return KernelErrno.EINVAL;
        }

        for (var index = 0; index < inputs.Schemes.Count; index++)
        {
            if (index < Schemes.Count)
            {
                Schemes[index].Inputs = inputs.Schemes[index].Inputs;
            }
            else
            {
                Schemes.Add(inputs.Schemes[index]);
                Schedule(inputs.Schemes[index]);
            }
        }

        while (Schemes.Count > inputs.Schemes.Count)
        {
            Schemes.RemoveAt(Schemes.Count - 1);
        }

        CommitTargets(inputs.Targets);
        (SampleMicroseconds, AggregationMicroseconds, UpdateMicroseconds) = (inputs.SampleMicroseconds, inputs.AggregationMicroseconds, inputs.UpdateMicroseconds);
        IsPaused = inputs.IsPaused;
        return KernelErrno.None;
    }

    /// <summary>Looks at the watermarks of all schemes.</summary>
    /// <returns>Whether at least one works, or there is none.</returns>
    internal bool CheckWatermarks(ulong freeMemoryPermil) =>
        Schemes.Select(scheme => scheme.CheckWatermarks(freeMemoryPermil)).ToList() is not { Count: > 0 } waits || waits.Min() == 0;

    /// <summary>Lets time pass until every scheme has been applied once.</summary>
    internal void PassOnce(FakeDamonTree tree, Action<int, FakeRegion> tried)
    {
        var left = Schemes.ToHashSet();
        while (left.Count > 0)
        {
            Now = Math.Max(Now, left.Min(scheme => scheme.NextApply));
            var due = Schemes.Where(scheme => scheme.NextApply <= Now).ToList();
            Apply(tree, due, (index, region) =>
            {
                if (left.Contains(Schemes[index]))
                {
                    tried(index, region);
                }
            });
            left.ExceptWith(due);
        }
    }

    /// <summary>Lets time pass.</summary>
    internal void Pass(FakeDamonTree tree, ulong microseconds)
    {
        var end = Now + microseconds;
        while (true)
        {
            var next = Schemes.Select(scheme => scheme.NextApply).Append(_nextUpdate).Min();
            if (next > end)
            {
                break;
            }

            Now = Math.Max(Now, next);
            if (!IsPaused && CheckWatermarks(tree.FreeMemoryPermil))
            {
                Apply(tree, [.. Schemes.Where(scheme => scheme.NextApply <= Now)], (_, _) => { });
            }
            else
            {
                foreach (var scheme in Schemes)
                {
                    Schedule(scheme);
                }
            }

            if (_nextUpdate <= Now)
            {
                _nextUpdate = Now + Math.Max(UpdateMicroseconds, 1);
                foreach (var target in Targets.Where(_ => Operations == "vaddr"))
                {
                    target.FollowMappings(tree.Processes.RegionsOf(target.Pid));
                }
            }
        }

        Now = end;
    }

    private void Apply(FakeDamonTree tree, IReadOnlyList<FakeRunningScheme> due, Action<int, FakeRegion> tried)
    {
        foreach (var scheme in due)
        {
            scheme.BeginPass(Now, isNewer: tree.Kernel.CommandsReply);
            Schedule(scheme);
        }

        var age = (uint)Math.Min(uint.MaxValue, Now / Math.Max(AggregationMicroseconds, 1));
        for (var place = 0; place < Targets.Count; place++)
        {
            var target = Targets[place];
            if (tree.Kernel.CommandsReply && HasProcesses && !tree.Processes.IsAlive(target.Pid))
            {
                continue;
            }

            var regions = target.See(HasProcesses ? tree.Processes.RegionsOf(target.Pid) : tree.PhysicalMemory, age).ToList();
            for (var index = 0; index < regions.Count; index++)
            {
                foreach (var scheme in due)
                {
                    foreach (var part in scheme.Try(regions[index], place, isLast: index == regions.Count - 1))
                    {
                        if (scheme.Inputs.Action != "stat" && part.FilterPassedBytes > 0)
                        {
                            tree.OnApplied?.Invoke(scheme.Inputs.Action, part);
                        }

                        tried(Schemes.IndexOf(scheme), part);
                    }
                }
            }
        }
    }

    private void CommitTargets(IList<FakeRunningTarget> inputs)
    {
        var kept = new List<FakeRunningTarget>();
        for (var index = 0; index < Math.Max(Targets.Count, inputs.Count); index++)
        {
            if (index >= Targets.Count)
            {
                kept.Add(inputs[index]);
            }
            else if (index < inputs.Count && !inputs[index].IsObsolete)
            {
                Targets[index].Pid = inputs[index].Pid;
                Targets[index].Ranges = inputs[index].Ranges.Count > 0 ? inputs[index].Ranges : Targets[index].Ranges;
                kept.Add(Targets[index]);
            }
        }

        Targets.Clear();
        foreach (var target in kept)
        {
            Targets.Add(target);
        }
    }

    private void Schedule(FakeRunningScheme scheme) =>
        scheme.NextApply = Now + Math.Max(1, scheme.Inputs.ApplyIntervalMicroseconds == 0 ? AggregationMicroseconds : scheme.Inputs.ApplyIntervalMicroseconds);
}
