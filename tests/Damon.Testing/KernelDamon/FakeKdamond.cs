namespace Damon.Testing.KernelDamon;

/// <summary>One kdamond: whether it runs, and what it knows.</summary>
public sealed class FakeKdamond
{
    private readonly FakeDamonTree _tree;
    private ulong _nextRefresh;

    internal FakeKdamond(FakeDamonTree tree, int index)
    {
        _tree = tree;
        Index = index;
        Files = new FakeDamonDirectory()
            .With("state", new FakeDamonFile("off") { Show = () => IsRunning ? "on" : "off", IsReadUnderLock = true, IsCommand = true, Parse = text => (KernelErrno.None, text) })
            .With("pid", new FakeDamonFile("-1") { Show = () => IsRunning ? $"{4000 + Index}" : "-1", IsReadUnderLock = true })
            .If(tree.Kernel.HasRefresh, directory => directory.With("refresh_ms", FakeDamonFile.Unsigned32()))
            .With("contexts", new FakeDamonDirectory().WithCount("nr_contexts", _ => tree.Layout.Context(), max: 1));
    }

    /// <summary>Its place.</summary>
    public int Index { get; }

    /// <summary>Whether it runs.</summary>
    public bool IsRunning { get; private set; }

    /// <summary>What it does, or did; null before the first start and after one that failed.</summary>
    public FakeContext? Context { get; private set; }

    internal FakeDamonDirectory Files { get; }

    private FakeDamonDirectory ContextFiles => Files["contexts/0"];

    private bool IsOver => Context?.IsOver(_tree.Processes) != false;

    /// <summary>The kdamond ends: somebody turned it off, or something went wrong in it.</summary>
    public void End() => IsRunning = false;

    /// <summary>The kernel has tuned the intervals.</summary>
    public void Tune(ulong sampleMicroseconds, ulong aggregationMicroseconds)
    {
        var context = Context ?? throw new InvalidOperationException("never started");
        (context.SampleMicroseconds, context.AggregationMicroseconds) = (sampleMicroseconds, aggregationMicroseconds);
    }

    /// <summary>Ends where nothing is left to look at.</summary>
    internal void Settle() => IsRunning = IsRunning && !IsOver;

    internal void Pass(ulong microseconds)
    {
        Settle();
        if (!IsRunning)
        {
            return;
        }

        Context!.Pass(_tree, microseconds);
        var refresh = Files.Unsigned("refresh_ms") * 1000;
        if (refresh > 0 && Context.Now >= _nextRefresh && Files["contexts"].Count == 1)
        {
            _nextRefresh = Context.Now + refresh;
            ShowIntervals();
            ShowStatistics();
            ShowEffectiveQuotas();
        }
    }

    /// <summary>Carries a command out. Before the part that the kernel may take long for, <paramref name="wait"/> is called.</summary>
    internal KernelErrno Handle(string command, Action wait)
    {
        Settle();
        if (command != "off" && Files["contexts"].Count != 1)
        {
            return KernelErrno.EINVAL;
        }

        switch (command)
        {
            case "on":
                return IsRunning ? KernelErrno.EBUSY : TurnOn(wait);
            case "off":
                return Context is null ? KernelErrno.EINVAL : TurnOff(wait);
            case "clear_schemes_tried_regions" when _tree.Kernel.CommandsReply:
                ClearTriedRegions();
                return KernelErrno.None;
        }

        if (Context is null || (!IsRunning && !_tree.Kernel.CommandsReply))
        {
            return KernelErrno.EINVAL;
        }

        var isWalk = command is "update_schemes_tried_regions" or "update_schemes_tried_bytes";
        if (isWalk)
        {
            ClearTriedRegions();
        }

        wait();
        Settle();
        if (!IsRunning)
        {
            return _tree.Kernel.CommandsReply ? KernelErrno.ECANCELED : KernelErrno.None;
        }

        var errno = isWalk ? Walk(bytesOnly: command == "update_schemes_tried_bytes") : Execute(command);
        if (_tree.Kernel.CommandsReply)
        {
            return errno;
        }

        // The older callback's error ends the thread, and nobody tells the writer.
        IsRunning &= errno == KernelErrno.None;
        return KernelErrno.None;
    }

    private KernelErrno TurnOn(Action wait)
    {
        Context = null;
        var errno = _tree.Inputs.Read(ContextFiles, out var context);
        errno = errno == KernelErrno.None ? _tree.Inputs.Try(ContextFiles, context!) : errno;
        if (errno == KernelErrno.None && _tree.Kernel.CommandsReply && context!.Targets.Any(target => target.IsObsolete))
        {
            errno = KernelErrno.EINVAL;
        }

        if (errno == KernelErrno.None && _tree.ExclusiveModule is not null)
        {
            errno = KernelErrno.EBUSY;
        }

        if (errno != KernelErrno.None)
        {
            return errno;
        }

        wait();
        Context = context!;
        Context.Start(_tree.Processes);
        IsRunning = true;
        _nextRefresh = Files.Unsigned("refresh_ms") * 1000;
        Settle();
        return KernelErrno.None;
    }

    private KernelErrno TurnOff(Action wait)
    {
        wait();
        var errno = IsRunning || _tree.Kernel.CommandsReply ? KernelErrno.None : KernelErrno.EPERM;
        IsRunning = false;
        return errno;
    }

    private KernelErrno Execute(string command)
    {
        switch (command)
        {
            case "commit":
                var errno = _tree.Inputs.Read(ContextFiles, out var inputs);
                errno = errno == KernelErrno.None ? _tree.Inputs.Try(ContextFiles, inputs!) : errno;
                return errno == KernelErrno.None ? Context!.Commit(inputs!) : errno;
            case "commit_schemes_quota_goals":
                return CommitGoals();
            case "update_schemes_stats":
                ShowStatistics();
                break;
            case "update_schemes_effective_quotas":
                ShowEffectiveQuotas();
                break;
            case "update_tuned_intervals":
                ShowIntervals();
                break;
            case "clear_schemes_tried_regions":
                ClearTriedRegions();
                break;
        }

        return KernelErrno.None;
    }

    private KernelErrno CommitGoals()
    {
        foreach (var (scheme, files) in Context!.Schemes.Zip(ContextFiles["schemes"].Numbered))
        {
            if (_tree.Inputs.Goals(files) is not { } goals)
            {
                return KernelErrno.EINVAL;
            }

            scheme.Inputs = scheme.Inputs with { Goals = goals };
        }

        return KernelErrno.None;
    }

    private KernelErrno Walk(bool bytesOnly)
    {
        if (Context!.IsPaused || !Context.CheckWatermarks(_tree.FreeMemoryPermil) || Context.Schemes.Count == 0)
        {
            return _tree.Kernel.CommandsReply ? KernelErrno.ECANCELED : KernelErrno.None;
        }

        _tree.CountWait();
        var names = new Dictionary<int, int>();
        Context.PassOnce(_tree, (index, region) =>
        {
            if (index >= ContextFiles["schemes"].Count)
            {
                return;
            }

            // Older kernels number the regions of all schemes in one row.
            var row = _tree.Kernel.CommandsReply ? index : 0;
            var tried = ContextFiles[$"schemes/{index}/tried_regions"];
            tried.Files["total_bytes"].Value = $"{tried.Unsigned("total_bytes") + region.SizeBytes}";
            if (!bytesOnly)
            {
                var name = names.GetValueOrDefault(row);
                names[row] = name + 1;
                var hasPageFilter = Context.Schemes[index].Inputs.Filters.Any(filter => filter.AsksPages);
                tried.With($"{name}", _tree.Layout.TriedRegion(region, hasPageFilter ? region.FilterPassedBytes : 0));
            }
        });
        return KernelErrno.None;
    }

    private void ClearTriedRegions()
    {
        foreach (var scheme in ContextFiles["schemes"].Numbered)
        {
            scheme["tried_regions"].Directories.Clear();
            scheme["tried_regions"].Files["total_bytes"].Value = "0";
        }
    }

    private void ShowStatistics()
    {
        foreach (var (scheme, files) in Context!.Schemes.Zip(ContextFiles["schemes"].Numbered))
        {
            var statistics = files["stats"].Files;
            statistics["nr_tried"].Value = $"{scheme.TriedRegions}";
            statistics["sz_tried"].Value = $"{scheme.TriedBytes}";
            statistics["nr_applied"].Value = $"{scheme.AppliedRegions}";
            statistics["sz_applied"].Value = $"{scheme.AppliedBytes}";
            statistics["qt_exceeds"].Value = $"{scheme.QuotaExceeds}";
            if (_tree.Kernel.HasFilterPassed)
            {
                statistics["sz_ops_filter_passed"].Value = $"{scheme.FilterPassedBytes}";
            }

            if (_tree.Kernel.HasSnapshotLimit)
            {
                statistics["nr_snapshots"].Value = $"{scheme.Snapshots}";
            }
        }
    }

    private void ShowEffectiveQuotas()
    {
        foreach (var (scheme, files) in Context!.Schemes.Zip(ContextFiles["schemes"].Numbered))
        {
            files["quotas"].Files["effective_bytes"].Value = $"{scheme.EffectiveQuotaBytes}";
        }
    }

    private void ShowIntervals()
    {
        var intervals = ContextFiles["monitoring_attrs/intervals"].Files;
        intervals["sample_us"].Value = $"{Context!.SampleMicroseconds}";
        intervals["aggr_us"].Value = $"{Context.AggregationMicroseconds}";
    }
}
