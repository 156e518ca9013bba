using System.Globalization;
using System.Numerics;
using Damon.Engine.Host;
using Damon.Engine.Monitoring;
using Damon.Engine.Regions;

namespace Damon.Engine.KernelDamon;

internal sealed partial class SysfsKdamond
{
    private const string Sample = "monitoring_attrs/intervals/sample_us";
    private const string Aggregation = "monitoring_attrs/intervals/aggr_us";
    private const string Update = "monitoring_attrs/intervals/update_us";

    private ulong Unit => Context is { Operations: KernelOperations.Paddr } context ? Math.Max(1, context.AddressUnitBytes) : 1;

    /// <inheritdoc/>
    public HostResult<IReadOnlyList<IReadOnlyList<KernelRegion>>> ReadTriedRegions()
    {
        _tree.BeginCall();
        if (Context is { Schemes.Count: 0 })
        {
            return Array.Empty<IReadOnlyList<KernelRegion>>();
        }

        if (Ask("update_schemes_tried_regions") is { } error)
        {
            return error;
        }

        var result = ReadRegions();

        // The folders take kernel memory until the next walk. Where this fails, that walk clears them.
        Give("clear_schemes_tried_regions");
        return result;
    }

    /// <inheritdoc/>
    public HostResult<IReadOnlyList<ulong>> ReadTriedBytes()
    {
        if (!Features.HasTriedBytes)
        {
            var regions = ReadTriedRegions();
            return regions.IsOk
                ? regions.Value.Select(scheme => scheme.Aggregate(0UL, (sum, region) => sum + (region.End - region.Start))).ToArray()
                : regions.Error;
        }

        _tree.BeginCall();
        return Context is { Schemes.Count: 0 } ? Array.Empty<ulong>()
            : Ask("update_schemes_tried_bytes") is { } error ? error
            : PerScheme("tried_regions/total_bytes");
    }

    /// <inheritdoc/>
    public HostResult<IReadOnlyList<KernelSchemeStatistics>> ReadStatistics()
    {
        _tree.BeginCall();
        if (Ask("update_schemes_stats") is { } refused)
        {
            return refused;
        }

        var all = new KernelSchemeStatistics[Context!.Schemes.Count];
        for (var i = 0; i < all.Length; i++)
        {
            var folder = $"{_contextFolder}schemes/{i}/stats/";
            HostError error = default;
            ulong Next(string name, bool isThere = true) => isThere && error.Kind == HostErrorKind.None ? Number<ulong>(folder + name, ref error) : 0;
            all[i] = new KernelSchemeStatistics(
                Next("nr_tried"),
                Bytes(Next("sz_tried")),
                Next("nr_applied"),
                Bytes(Next("sz_applied")),
                Bytes(Next("sz_ops_filter_passed", Features.HasFilterPassed)),
                Next("qt_exceeds"),
                Next("nr_snapshots", Features.HasSnapshotLimit));
            if (error.Kind != HostErrorKind.None)
            {
                return error;
            }
        }

        return all;
    }

    /// <inheritdoc/>
    public HostResult<IReadOnlyList<ulong>> ReadEffectiveQuotas()
    {
        _tree.BeginCall();
        return !Features.HasEffectiveQuota ? new HostError(HostErrorKind.Unsupported, _folder + "state", "this kernel does not tell effective quotas")
            : Ask("update_schemes_effective_quotas") is { } error ? error
            : PerScheme("quotas/effective_bytes");
    }

    /// <inheritdoc/>
    public HostResult<MonitoringIntervals> ReadIntervals()
    {
        _tree.BeginCall();
        if (Context?.IntervalsGoal is not null)
        {
            // This command writes into the inputs. They are not what we wrote any more, whatever else goes wrong: the next commit writes the intended ones again.
            _written.Remove(Sample);
            _written.Remove(Aggregation);
            if (Ask("update_tuned_intervals") is { } refused)
            {
                return refused;
            }
        }

        HostError error = default;
        var sample = Number<ulong>(_contextFolder + Sample, ref error);
        var aggregation = Number<ulong>(_contextFolder + Aggregation, ref error);
        var update = Number<ulong>(_contextFolder + Update, ref error);
        if (error.Kind != HostErrorKind.None)
        {
            return error;
        }

        return new MonitoringIntervals(Time(sample), Time(aggregation), Time(update));

        static TimeSpan Time(ulong microseconds) => TimeSpan.FromMicroseconds(Math.Min(microseconds, (ulong)MonitoringIntervals.Longest.TotalMicroseconds));
    }

    /// <summary>Gives a command that only reads, and looks whether the kdamond survived it: some kernels say that all is well where it has ended meanwhile.</summary>
    private HostError? Ask(string command)
    {
        var running = Running();
        if (!running.IsDone)
        {
            return Error(running);
        }

        var given = Give(command);
        var after = Running();
        return !after.IsDone ? Error(after)
            : given.IsOk ? null
            : given.Error.Errno == KernelErrno.Canceled ? given.Error with { Kind = HostErrorKind.TryAgain, Detail = $"{command}: the kdamond rests: it is paused, or its watermarks hold" }
            : given.Error with { Detail = command };
    }

    private HostError Error(KernelOutcome outcome) => new(
        outcome.Kind switch
        {
            KernelOutcomeKind.Busy => HostErrorKind.Busy,
            KernelOutcomeKind.Denied => HostErrorKind.Denied,
            KernelOutcomeKind.NotRunning or KernelOutcomeKind.Vanished => HostErrorKind.Vanished,
            _ => HostErrorKind.Failed,
        },
        _folder + "state",
        outcome.Message);

    private HostResult<IReadOnlyList<IReadOnlyList<KernelRegion>>> ReadRegions()
    {
        var schemes = new IReadOnlyList<KernelRegion>[Context!.Schemes.Count];
        var places = new List<int>();
        for (var i = 0; i < schemes.Length; i++)
        {
            var folder = $"{_contextFolder}schemes/{i}/tried_regions/";
            var listed = _tree.List(folder.TrimEnd('/'));
            if (!listed.TryGet(out var names))
            {
                return Torn(listed.Error);
            }

            // Numbers rise in the order of the walk. Some kernels count all schemes with one counter, so they need not begin at 0 nor be without gaps.
            places.Clear();
            foreach (var name in names)
            {
                if (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var place))
                {
                    places.Add(place);
                }
            }

            places.Sort();
            if (places.Count > RegionLimits.MostMax)
            {
                return new HostError(HostErrorKind.Malformed, folder, $"{places.Count} regions");
            }

            var regions = new KernelRegion[places.Count];
            HostError error = default;
            UInt128 sum = 0;
            for (var j = 0; j < regions.Length && error.Kind == HostErrorKind.None; j++)
            {
                regions[j] = Region(string.Concat(folder, places[j].ToString(CultureInfo.InvariantCulture), "/"), ref error);
                sum += regions[j].End - regions[j].Start;
            }

            var total = Features.HasTriedBytes ? Number<ulong>(folder + "total_bytes", ref error) : 0;
            if (error.Kind != HostErrorKind.None)
            {
                return Torn(error);
            }

            if (Features.HasTriedBytes && sum != Bytes(total))
            {
                // The kernel counts a region first and then makes its folder, for which it may have no memory. A part of the regions looks like memory that nobody uses.
                return new HostError(HostErrorKind.Malformed, folder, $"the regions have {sum} bytes and not the {Bytes(total)} that were tried");
            }

            schemes[i] = regions;
        }

        return schemes;
    }

    private KernelRegion Region(string folder, ref HostError error)
    {
        var start = Number<ulong>(folder + "start", ref error);
        var end = Number<ulong>(folder + "end", ref error);
        var accesses = Number<uint>(folder + "nr_accesses", ref error);
        var age = Number<uint>(folder + "age", ref error);
        var passed = Features.HasFilterPassed ? Number<ulong>(folder + "sz_filter_passed", ref error) : 0;
        if (error.Kind != HostErrorKind.None)
        {
            return default;
        }

        if (end < start || end > ulong.MaxValue / Unit)
        {
            error = new HostError(HostErrorKind.Malformed, folder, $"a region from {start} to {end}");
            return default;
        }

        return new KernelRegion(start * Unit, end * Unit, accesses, age, Bytes(passed));
    }

    /// <summary>Folders that vanish while they are read were cleared by somebody else's command.</summary>
    private static HostError Torn(HostError error) =>
        error.Kind == HostErrorKind.Vanished ? error with { Kind = HostErrorKind.TryAgain, Detail = "gone while it was read: somebody else gives commands too" } : error;

    private HostResult<IReadOnlyList<ulong>> PerScheme(string name)
    {
        var values = new ulong[Context!.Schemes.Count];
        HostError error = default;
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = Bytes(Number<ulong>($"{_contextFolder}schemes/{i}/{name}", ref error));
        }

        return error.Kind == HostErrorKind.None ? values : error;
    }

    private ulong Bytes(ulong units) => units > ulong.MaxValue / Unit ? ulong.MaxValue : units * Unit;

    /// <summary>Reads a number, unless something has gone wrong before.</summary>
    private T Number<T>(string path, ref HostError error)
        where T : struct, INumber<T>
    {
        if (error.Kind != HostErrorKind.None)
        {
            return default;
        }

        var read = _tree.Read(path);
        if (!read.TryGet(out var text))
        {
            error = read.Error;
            return default;
        }

        if (!T.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            error = new HostError(HostErrorKind.Malformed, path, $"'{Shortened(text)}' is no number of {typeof(T).Name}");
        }

        return number;
    }
}
