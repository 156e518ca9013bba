namespace Damon.Testing.KernelDamon;

/// <summary>The directories of a kernel's DAMON with their files' defaults.</summary>
internal sealed class FakeDamonLayout(FakeKernel kernel)
{
    private static readonly string[] CoreFilters = ["addr", "target"];

    public FakeDamonDirectory Context() => new FakeDamonDirectory()
        .With("avail_operations", FakeDamonFile.ReadOnly(string.Join('\n', kernel.Operations)))
        .With("operations", FakeDamonFile.Word("vaddr", ["vaddr", "fvaddr", "paddr"]))
        .If(kernel.HasAddressUnit, directory => directory.With("addr_unit", new FakeDamonFile("1") { Parse = AddressUnit }))
        .If(kernel.HasPause, directory => directory.With("pause", FakeDamonFile.Flag()))
        .With("monitoring_attrs", Attributes())
        .With("targets", new FakeDamonDirectory().WithCount("nr_targets", _ => Target()))
        .With("schemes", new FakeDamonDirectory().WithCount("nr_schemes", _ => Scheme()));

    public FakeDamonDirectory TriedRegion(FakeRegion region, ulong filterPassedBytes) => new FakeDamonDirectory()
        .With("start", FakeDamonFile.ReadOnly($"{region.Start}"))
        .With("end", FakeDamonFile.ReadOnly($"{region.End}"))
        .With("nr_accesses", FakeDamonFile.ReadOnly($"{region.Accesses}"))
        .With("age", FakeDamonFile.ReadOnly($"{region.Age}"))
        .If(kernel.HasFilterPassed, directory => directory.With("sz_filter_passed", FakeDamonFile.ReadOnly($"{filterPassedBytes}")))
        .If(kernel.HasProbes, directory => directory.With("probes", new FakeDamonDirectory()));

    private static (KernelErrno Errno, string Value) AddressUnit(string text)
    {
        var (errno, value) = KernelText.Unsigned(text, ulong.MaxValue);
        return value == "0" ? (KernelErrno.EINVAL, "") : (errno, value);
    }

    private static FakeDamonDirectory Range(ulong min = 0, ulong max = 0) =>
        new FakeDamonDirectory().With("min", FakeDamonFile.Unsigned(min)).With("max", FakeDamonFile.Unsigned(max));

    private FakeDamonDirectory Attributes() => new FakeDamonDirectory()
        .With(
            "intervals",
            new FakeDamonDirectory()
                .With("sample_us", FakeDamonFile.Unsigned(5000))
                .With("aggr_us", FakeDamonFile.Unsigned(100_000))
                .With("update_us", FakeDamonFile.Unsigned(60_000_000))
                .If(kernel.HasIntervalsGoal, directory => directory.With(
                    "intervals_goal",
                    new FakeDamonDirectory()
                        .With("access_bp", FakeDamonFile.Unsigned())
                        .With("aggrs", FakeDamonFile.Unsigned())
                        .With("min_sample_us", FakeDamonFile.Unsigned())
                        .With("max_sample_us", FakeDamonFile.Unsigned()))))
        .With("nr_regions", Range(10, 1000))
        .If(kernel.HasProbes, directory => directory.With("probes", new FakeDamonDirectory().WithCount("nr_probes", _ => Probe(), max: 4)));

    private static FakeDamonDirectory Probe() => new FakeDamonDirectory()
        .With("weight", FakeDamonFile.Unsigned32())
        .With("filters", new FakeDamonDirectory().WithCount("nr_filters", _ => new FakeDamonDirectory()
            .With("type", FakeDamonFile.Word("anon", ["anon", "memcg"]))
            .With("matching", FakeDamonFile.Flag())
            .With("allow", FakeDamonFile.Flag())
            .With("path", FakeDamonFile.Path())));

    private FakeDamonDirectory Target() => new FakeDamonDirectory()
        .With("pid_target", FakeDamonFile.SignedOrInvalid())
        .If(kernel.HasObsoleteTarget, directory => directory.With("obsolete_target", FakeDamonFile.Flag()))
        .With("regions", new FakeDamonDirectory().WithCount("nr_regions", _ => new FakeDamonDirectory()
            .With("start", FakeDamonFile.Unsigned())
            .With("end", FakeDamonFile.Unsigned())));

    private FakeDamonDirectory Scheme() => new FakeDamonDirectory()
        .With("action", FakeDamonFile.Word("stat", kernel.Actions))
        .With("apply_interval_us", FakeDamonFile.Unsigned())
        .With("target_nid", FakeDamonFile.Signed(-1))
        .With("access_pattern", new FakeDamonDirectory().With("sz", Range()).With("nr_accesses", Range()).With("age", Range()))
        .With("quotas", Quotas())
        .With(
            "watermarks",
            new FakeDamonDirectory()
                .With("metric", FakeDamonFile.Word("none", ["none", "free_mem_rate"]))
                .With("interval_us", FakeDamonFile.Unsigned())
                .With("high", FakeDamonFile.Unsigned())
                .With("mid", FakeDamonFile.Unsigned())
                .With("low", FakeDamonFile.Unsigned()))
        .With("filters", Filters([.. kernel.PageFilters, .. CoreFilters]))
        .If(kernel.HasFilterLayers, directory => directory.With("core_filters", Filters(CoreFilters)).With("ops_filters", Filters(kernel.PageFilters)))
        .If(kernel.HasDestinations, directory => directory.With("dests", new FakeDamonDirectory().WithCount("nr_dests", _ => new FakeDamonDirectory()
            .With("id", FakeDamonFile.Unsigned32())
            .With("weight", FakeDamonFile.Unsigned32()))))
        .With("stats", Statistics())
        .With("tried_regions", new FakeDamonDirectory().With("total_bytes", FakeDamonFile.ReadOnly()));

    private FakeDamonDirectory Quotas() => new FakeDamonDirectory()
        .With("ms", FakeDamonFile.UnsignedOrInvalid())
        .With("bytes", FakeDamonFile.UnsignedOrInvalid())
        .With("reset_interval_ms", FakeDamonFile.UnsignedOrInvalid())
        .With("effective_bytes", FakeDamonFile.ReadOnly())
        .If(kernel.HasGoalTuner, directory => directory.With("goal_tuner", FakeDamonFile.Word("consist", ["consist", "temporal"])))
        .If(kernel.HasFailedCharge, directory => directory
            .With("fail_charge_num", FakeDamonFile.UnsignedOrInvalid(uint.MaxValue))
            .With("fail_charge_denom", FakeDamonFile.UnsignedOrInvalid(uint.MaxValue)))
        .With(
            "weights",
            new FakeDamonDirectory()
                .With("sz_permil", FakeDamonFile.Unsigned32())
                .With("nr_accesses_permil", FakeDamonFile.Unsigned32())
                .With("age_permil", FakeDamonFile.Unsigned32()))
        .With("goals", new FakeDamonDirectory().WithCount("nr_goals", _ => new FakeDamonDirectory()
            .With("target_metric", FakeDamonFile.Word("user_input", kernel.GoalMetrics))
            .With("target_value", FakeDamonFile.Unsigned())
            .With("current_value", FakeDamonFile.Unsigned())
            .If(kernel.HasGoalPlaces, directory => directory.With("nid", FakeDamonFile.Signed(0)).With("path", FakeDamonFile.Path()))));

    // A new filter is of the first type, also in the folder that does not take that word.
    private FakeDamonDirectory Filters(IReadOnlyList<string> types) => new FakeDamonDirectory().WithCount("nr_filters", _ => new FakeDamonDirectory()
        .With("type", FakeDamonFile.Word("anon", types))
        .With("matching", FakeDamonFile.Flag())
        .If(kernel.HasFilterAllow, directory => directory
            .With("allow", FakeDamonFile.Flag())
            .With("min", FakeDamonFile.Unsigned())
            .With("max", FakeDamonFile.Unsigned()))
        .With("memcg_path", FakeDamonFile.Path())
        .With("addr_start", FakeDamonFile.Unsigned())
        .With("addr_end", FakeDamonFile.Unsigned())
        .With("damon_target_idx", FakeDamonFile.Signed(0)));

    private FakeDamonDirectory Statistics() => new FakeDamonDirectory()
        .With("nr_tried", FakeDamonFile.ReadOnly())
        .With("sz_tried", FakeDamonFile.ReadOnly())
        .With("nr_applied", FakeDamonFile.ReadOnly())
        .With("sz_applied", FakeDamonFile.ReadOnly())
        .With("qt_exceeds", FakeDamonFile.ReadOnly())
        .If(kernel.HasFilterPassed, directory => directory.With("sz_ops_filter_passed", FakeDamonFile.ReadOnly()))
        .If(kernel.HasSnapshotLimit, directory => directory
            .With("nr_snapshots", FakeDamonFile.ReadOnly())
            .With("max_nr_snapshots", FakeDamonFile.Unsigned()));
}
