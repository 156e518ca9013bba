using Damon.Engine.Host;
using Damon.Engine.KernelDamon;
using Damon.Engine.Machine;
using Damon.Engine.Schemes;
using Damon.Testing;

namespace Damon.Engine.Tests.Machine;

public class MachineFactsTests(ITestOutputHelper output)
{
    private const string Kdamonds = "/sys/kernel/mm/damon/admin/kdamonds";

    /// <summary>A node on which everything is there and nobody uses DAMON.</summary>
    private static FakeHost Rich()
    {
        var host = FakeHost.With(
            ("/proc/sys/kernel/osrelease", "6.12.95+deb12-amd64\n"),
            ("/proc/meminfo", "MemTotal: 1000 kB\nMemFree: 500 kB\nMemAvailable: 800 kB\nSwapTotal: 100 kB\nSwapFree: 60 kB\n"),
            ("/proc/swaps", "Filename Type Size Used Priority\n/dev/zram0 partition 100 40 5\n"),
            ("/proc/pressure/memory", "some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n"),
            ("/proc/self/status", "Uid:\t0\t0\t0\t0\nCapEff:\t000001ffffffffff\n"),
            ("/proc/self/smaps", "7f0000000000-7f0000001000 rw-p 00000000 00:00 0\nRss: 4 kB\nReferenced: 4 kB\n"),
            ("/proc/self/maps", "7f0000000000-7f0000001000 rw-p 00000000 00:00 0\n"),
            ("/proc/self/clear_refs", ""),
            ("/proc/kpageflags", ""),
            ("/sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n"),
            ("/sys/devices/system/node/online", "0-1\n"),
            ("/sys/fs/cgroup/cgroup.controllers", "cpu memory\n"),
            ("/sys/fs/cgroup/memory.reclaim", ""),
            ("/sys/kernel/mm/page_idle/bitmap", ""),
            (Kdamonds + "/nr_kdamonds", "0\n"));
        return host.WriteAt("/proc/self/pagemap", 0x7f0000000000 / 4096 * 8, BitConverter.GetBytes((1UL << 63) | 77));
    }

    [Fact]
    public void A_well_equipped_node_is_read_completely()
    {
        using var host = Rich();
        var facts = MachineFacts.Read(host.Root);
        (facts.Kernel.Major, facts.Kernel.Minor).Should().Be((6, 12));
        facts.Memory.AvailableBytes.Should().Be(800 * 1024);
        facts.Swaps.Single().FreeBytes.Should().Be(60 * 1024);
        facts.HugePages.Should().Be(TransparentHugePageMode.MAdvise);
        facts.NumaNodes.Should().Equal(0, 1);
        facts.Cgroups.MemoryIsV2.Should().BeTrue();
        (facts.HasMemoryPressure, facts.HasIdlePageBitmap, facts.HasClearRefs, facts.HasReferenced, facts.PagemapShowsFrames, facts.HasPageFlags).Should().Be((true, true, true, true, true, true));
        facts.Has(ProcessCapabilities.SysPtrace | ProcessCapabilities.SysNice | ProcessCapabilities.SysAdmin | ProcessCapabilities.DacOverride | ProcessCapabilities.FileOwner).Should().BeTrue();
        facts.Damon.Should().BeEquivalentTo(new KernelDamonFacts(true, [], DamonOwner.None));
    }

    [Fact]
    public void An_empty_tree_gives_facts_and_no_exception()
    {
        using var host = new FakeHost();
        var facts = MachineFacts.Read(host.Root);
        (facts.Kernel.Major, facts.Memory, facts.Swaps.Count, facts.NumaNodes.Count, facts.Cgroups.Version).Should().Be((0, default(Meminfo), 0, 0, CgroupVersion.None));
        facts.Capabilities.Should().Be(ProcessCapabilities.None);
        BackendChoice.Choose(facts, RequestedBackend.Auto).Should().Match<BackendChoice>(c => c.Backend == null && c.Message.Contains("CONFIG_IDLE_PAGE_TRACKING"));
    }

    [Theory]
    [InlineData("/proc/meminfo")]
    [InlineData("/proc/swaps")]
    [InlineData("/proc/pressure/memory")]
    [InlineData("/proc/self/status")]
    [InlineData("/proc/self/smaps")]
    [InlineData("/proc/self/maps")]
    [InlineData("/proc/self/pagemap")]
    [InlineData("/proc/sys/kernel/osrelease")]
    [InlineData("/sys/devices/system/node/online")]
    [InlineData("/sys/fs/cgroup/cgroup.controllers")]
    [InlineData("/sys/kernel/mm/transparent_hugepage/enabled")]
    [InlineData(Kdamonds)]
    public void Each_file_may_be_gone_empty_or_hostile_without_taking_the_others_along(string path)
    {
        using var host = Rich();
        var whole = MachineFacts.Read(host.Root);
        if (path != Kdamonds)
        {
            foreach (var content in new[] { "", "\0\0\0\0\0\0\0\0\n\n:::", new string('9', 70_000) })
            {
                host.Write(path, content);
                MachineFacts.Read(host.Root).Architecture.Should().Be(whole.Architecture);
            }
        }

        host.Remove(path);
        var facts = MachineFacts.Read(host.Root);
        facts.Should().NotBe(whole);
        (facts.Memory.TotalBytes > 0 || path == "/proc/meminfo").Should().BeTrue();
    }

    [Theory]
    [InlineData("damon_stat", "Y", DamonOwner.ModuleStat)]
    [InlineData("damon_reclaim", "Y", DamonOwner.ModuleReclaim)]
    [InlineData("damon_lru_sort", "1", DamonOwner.ModuleLruSort)]
    [InlineData("damon_stat", "N", DamonOwner.None)]
    public void A_module_that_runs_owns_damon(string module, string enabled, DamonOwner owner)
    {
        using var host = Rich();
        host.Write($"/sys/module/{module}/parameters/enabled", enabled + "\n");
        MachineFacts.Read(host.Root).Damon.Owner.Should().Be(owner);
    }

    [Fact]
    public void A_kdamond_that_somebody_configured_makes_the_kernel_backend_busy()
    {
        using var host = Rich();
        host.Write(Kdamonds + "/0/state", "on\n").Write(Kdamonds + "/0/pid", "77\n").Write(Kdamonds + "/0/contexts/0/operations", "paddr\n").MakeDirectory(Kdamonds + "/1");
        var facts = MachineFacts.Read(host.Root);
        facts.Damon.Kdamonds.Should().Equal(new Kdamond(0, true, 77, "paddr"), new Kdamond(1, null, -1, ""));
        facts.Damon.Owner.Should().Be(DamonOwner.Sysfs);
        facts.Backend(MonitoringBackend.Kernel).Should().Match<BackendCapability>(c => !c.IsAvailable && c.Reason == CapabilityReason.Busy && c.Message.Contains("kdamond 0 on pid 77 paddr"));
    }

    [Fact]
    public void The_kernel_backend_is_there_where_nobody_uses_damon()
    {
        using var host = Rich();
        MachineFacts.Read(host.Root).Backend(MonitoringBackend.Kernel).Should().Match<BackendCapability>(c => c.IsAvailable && c.Reason == CapabilityReason.Available);
        host.Remove("/sys/kernel/mm/damon");
        MachineFacts.Read(host.Root).Backend(MonitoringBackend.Kernel).Should().Match<BackendCapability>(c => !c.IsAvailable && c.Reason == CapabilityReason.NotInKernel);
    }

    [Theory]
    [InlineData(DamonOwner.None)]
    [InlineData(DamonOwner.Sysfs)]
    [InlineData(DamonOwner.ModuleStat)]
    public void A_kernel_backend_that_is_switched_off_is_that_before_anything_else(DamonOwner owner)
    {
        using var host = Rich();
        var facts = MachineFacts.Read(host.Root);
        facts.Damon.IsSwitchedOff.Should().BeFalse("no file says so");
        facts = facts with { Damon = facts.Damon with { Owner = owner, IsSwitchedOff = true } };
        facts.Backend(MonitoringBackend.Kernel).Should().Match<BackendCapability>(c => !c.IsAvailable && c.Reason == CapabilityReason.SwitchedOff);
        BackendChoice.Choose(facts, RequestedBackend.Auto).Should().Match<BackendChoice>(choice => choice.Backend == MonitoringBackend.IdlePage && choice.Message.Contains("switched off"));
    }

    [Theory]
    [InlineData(HostErrorKind.Denied, "", true, CapabilityReason.Available)]
    [InlineData(HostErrorKind.Denied, "", false, CapabilityReason.NeedsCapDacOverride)]
    [InlineData(HostErrorKind.Denied, "mounted read-only", true, CapabilityReason.MountedReadOnly)]
    [InlineData(HostErrorKind.Vanished, "", true, CapabilityReason.NotInKernel)]
    public void The_kernel_backend_has_to_be_written(HostErrorKind kind, string detail, bool mayOverride, CapabilityReason reason)
    {
        using var host = Rich();
        var facts = MachineFacts.Read(host.Root);
        facts = facts with
        {
            Capabilities = mayOverride ? facts.Capabilities : facts.Capabilities & ~ProcessCapabilities.DacOverride,
            Damon = facts.Damon with { WriteError = new HostError(kind, "nr_kdamonds", detail) },
        };
        facts.Backend(MonitoringBackend.Kernel).Should().Match<BackendCapability>(c => c.IsAvailable == (reason == CapabilityReason.Available) && c.Reason == reason);
    }

    [Theory]
    [InlineData("damon_stat", "exclusiveModules")]
    [InlineData("damon_reclaim", "exclusiveModules")]
    public void A_module_that_is_in_the_way_is_named_with_its_thread_and_the_remedy(string module, string remedy)
    {
        using var host = Rich();
        host.Write($"/sys/module/{module}/parameters/enabled", "Y\n").Write($"/sys/module/{module}/parameters/kdamond_pid", "61\n");
        var facts = MachineFacts.Read(host.Root);
        facts.Damon.Modules.Should().ContainSingle().Which.Should().Match<DamonModuleFacts>(m => m.Name == module && m.IsOn == true && m.KdamondPid == 61);
        facts.Backend(MonitoringBackend.Kernel).Should().Match<BackendCapability>(c => c.Reason == CapabilityReason.Busy && c.Message.Contains($"{module} (thread 61)") && c.Message.Contains(remedy));
    }

    [Theory]
    [InlineData("500", "500", "boot", DamonOwner.ThisProcess, true)]
    [InlineData("500", "600", "boot", DamonOwner.OwnAgent, false)]
    [InlineData("500", "600", "another boot", DamonOwner.Sysfs, false)]
    [InlineData("", "600", "boot", DamonOwner.Predecessor, true)]
    public void What_the_owner_record_proves_ours_is_told_from_somebody_elses(string living, string self, string boot, DamonOwner owner, bool available)
    {
        using var host = Rich();
        host.Write("/proc/sys/kernel/random/boot_id", "boot\n").Write("/proc/self/stat", Stat(self)).Write("/proc/77/stat", Stat("77"))
            .Write(Kdamonds + "/nr_kdamonds", "1\n").Write(Kdamonds + "/0/state", "on\n").Write(Kdamonds + "/0/pid", "77\n");
        if (living.Length > 0)
        {
            host.Write($"/proc/{living}/stat", Stat(living));
        }

        var record = new OwnerRecord(OwnerRecord.CurrentVersion, boot, 500, 9, [new OwnedKdamond(0, 0, IsStarting: false, 77, 9)], []);
        host.Write("/run/damon/owner.json", record.ToJson());

        var facts = MachineFacts.Read(host.Root);

        facts.Damon.Owner.Should().Be(owner);
        facts.Backend(MonitoringBackend.Kernel).IsAvailable.Should().Be(available);

        static string Stat(string pid) => $"{pid} (x) S 1 0 0 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 9 0 0\n";
    }

    [Fact]
    public void A_kdamond_that_is_configured_and_off_is_somebodys_too()
    {
        using var host = Rich();
        host.Write(Kdamonds + "/nr_kdamonds", "1\n").Write(Kdamonds + "/0/state", "off\n").Write(Kdamonds + "/0/pid", "-1\n");
        MachineFacts.Read(host.Root).Backend(MonitoringBackend.Kernel).Should().Match<BackendCapability>(c => c.Reason == CapabilityReason.Busy && c.Message.Contains("configured and off is somebody's too"));
    }

    [Fact]
    public void A27_an_unknown_backend_is_refused_and_not_taken_for_another()
    {
        using var host = Rich();
        var facts = MachineFacts.Read(host.Root);
        FluentActions.Invoking(() => BackendChoice.Choose(facts, (RequestedBackend)99)).Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void Auto_takes_the_kernel_where_it_is_free_then_idle_pages_and_says_why_not_the_kernel()
    {
        using var host = Rich();
        BackendChoice.Choose(MachineFacts.Read(host.Root), RequestedBackend.Auto).Backend.Should().Be(MonitoringBackend.Kernel);
        host.Write("/sys/module/damon_stat/parameters/enabled", "Y\n");
        BackendChoice.Choose(MachineFacts.Read(host.Root), RequestedBackend.Auto).Should().Match<BackendChoice>(
            c => c.Backend == MonitoringBackend.IdlePage && c.Reason == CapabilityReason.Available && c.Message.Contains("damon_stat"));
    }

    [Fact]
    public void Auto_never_takes_referenced_but_says_that_it_can_be_named()
    {
        using var host = Rich();
        host.Remove("/sys/kernel/mm/page_idle/bitmap").Remove("/sys/kernel/mm/damon");
        var facts = MachineFacts.Read(host.Root);
        BackendChoice.Choose(facts, RequestedBackend.Auto).Should().Match<BackendChoice>(
            c => c.Backend == null && c.Reason == CapabilityReason.NoIdlePageTracking && c.Message.Contains("Referenced would work here") && c.Message.Contains("Kernel:") && c.Message.Contains("IdlePage:"));
        BackendChoice.Choose(facts, RequestedBackend.Referenced).Should().Match<BackendChoice>(c => c.Backend == MonitoringBackend.Referenced && c.Reason == CapabilityReason.OptInOnly);
        BackendChoice.Choose(facts, RequestedBackend.IdlePage).Backend.Should().BeNull();
        BackendChoice.Choose(facts, RequestedBackend.Kernel).Backend.Should().BeNull();
    }

    [Theory]
    [InlineData(ProcessCapabilities.DacOverride, MonitoringBackend.Referenced, true, CapabilityReason.NeedsCapDacOverride)] // enough for the user's own processes
    [InlineData(ProcessCapabilities.SysPtrace, MonitoringBackend.Referenced, true, CapabilityReason.NeedsCapSysPtrace)]
    [InlineData(ProcessCapabilities.SysPtrace, MonitoringBackend.IdlePage, false, CapabilityReason.NeedsCapSysPtrace)]
    public void A_missing_capability_is_named(ProcessCapabilities missing, MonitoringBackend backend, bool available, CapabilityReason reason)
    {
        using var host = Rich();
        var facts = MachineFacts.Read(host.Root);
        (facts with { Capabilities = facts.Capabilities & ~missing }).Backend(backend).Should().Match<BackendCapability>(c => c.IsAvailable == available && c.Reason == reason);
    }

    [Fact]
    public void Hidden_frame_numbers_need_a_capability()
    {
        using var host = Rich();
        host.Remove("/proc/self/pagemap").WriteAt("/proc/self/pagemap", 0x7f0000000000 / 4096 * 8, BitConverter.GetBytes(1UL << 63));
        var facts = MachineFacts.Read(host.Root);
        facts.PagemapShowsFrames.Should().BeFalse();
        facts.Backend(MonitoringBackend.IdlePage).Reason.Should().Be(CapabilityReason.NeedsCapSysAdmin);
    }

    [Theory]
    [InlineData("5.9.0", SchemeAction.Pageout, false, CapabilityReason.NotInKernel)]
    [InlineData("5.10.0", SchemeAction.Pageout, true, CapabilityReason.Available)]
    [InlineData("6.0.9", SchemeAction.Collapse, false, CapabilityReason.NotInKernel)]
    [InlineData("6.1.0-rc1", SchemeAction.Collapse, true, CapabilityReason.Available)]
    [InlineData("10.0", SchemeAction.Cold, true, CapabilityReason.Available)]
    [InlineData("nonsense", SchemeAction.WillNeed, false, CapabilityReason.NotInKernel)]
    [InlineData("nonsense", SchemeAction.Stat, true, CapabilityReason.Available)]
    [InlineData("7.0", SchemeAction.MigrateCold, true, CapabilityReason.Available)]
    [InlineData("7.0", SchemeAction.LruPrio, false, CapabilityReason.NotInUserSpace)]
    [InlineData("7.0", SchemeAction.HugePage, false, CapabilityReason.NotInUserSpace)]
    public void An_action_needs_its_kernel(string release, SchemeAction action, bool available, CapabilityReason reason)
    {
        using var host = Rich();
        var facts = MachineFacts.Read(host.Root) with { Kernel = KernelRelease.Parse(release) };
        facts.Action(action).Should().Match<ActionCapability>(c => c.IsAvailable == available && c.Reason == reason);
    }

    // What the file in the root says of all groups; whether any file may be written; what follows.
    [Theory]
    [InlineData(HostErrorKind.None, "", false, CapabilityReason.Available)]
    [InlineData(HostErrorKind.Denied, "", true, CapabilityReason.Available)]
    [InlineData(HostErrorKind.Denied, "", false, CapabilityReason.NeedsCapDacOverride)]
    [InlineData(HostErrorKind.Denied, "mounted read-only", true, CapabilityReason.MountedReadOnly)]
    [InlineData(HostErrorKind.Vanished, "", true, CapabilityReason.NotInKernel)]
    public void Reclaim_needs_the_file_and_the_right_to_write_it(HostErrorKind kind, string detail, bool mayOverride, CapabilityReason reason)
    {
        using var host = Rich();
        var facts = MachineFacts.Read(host.Root);
        facts.ReclaimError.Kind.Should().Be(HostErrorKind.None);

        facts = facts with { ReclaimError = new HostError(kind, "memory.reclaim", detail), Capabilities = mayOverride ? facts.Capabilities : facts.Capabilities & ~ProcessCapabilities.DacOverride };

        facts.Action(SchemeAction.Reclaim).Should().Match<ActionCapability>(c => c.IsAvailable == (reason == CapabilityReason.Available) && c.Reason == reason && c.Message.EndsWith('.'));
    }

    [Fact]
    public void Reclaim_is_not_there_without_its_file_or_without_version_2()
    {
        using var host = Rich();
        host.Remove("/sys/fs/cgroup/memory.reclaim");
        MachineFacts.Read(host.Root).Action(SchemeAction.Reclaim).Reason.Should().Be(CapabilityReason.NotInKernel);
        host.Remove("/sys/fs/cgroup").Write("/sys/fs/cgroup/memory/cgroup.procs", "");
        MachineFacts.Read(host.Root).Action(SchemeAction.Reclaim).Reason.Should().Be(CapabilityReason.NeedsCgroupV2);
    }

    [Theory]
    [InlineData("6.8.12", false)]
    [InlineData("6.9.0", true)]
    [InlineData("7.3", true)]
    [InlineData("nonsense", false)]
    public void Swappiness_comes_with_its_kernel(string release, bool takes)
    {
        using var host = Rich();
        host.Write("/proc/sys/kernel/osrelease", release + "\n");
        MachineFacts.Read(host.Root).ReclaimTakesSwappiness.Should().Be(takes);
    }

    [Theory]
    [InlineData(ProcessCapabilities.SysPtrace, CapabilityReason.NeedsCapSysPtrace)]
    [InlineData(ProcessCapabilities.SysNice, CapabilityReason.NeedsCapSysNice)]
    public void An_action_needs_its_capabilities(ProcessCapabilities missing, CapabilityReason reason)
    {
        using var host = Rich();
        var facts = MachineFacts.Read(host.Root);
        (facts with { Capabilities = facts.Capabilities & ~missing }).Action(SchemeAction.Cold).Should().Match<ActionCapability>(c => !c.IsAvailable && c.Reason == reason);
        (facts with { Capabilities = ProcessCapabilities.SysPtrace | ProcessCapabilities.SysNice | ProcessCapabilities.DacReadSearch }).Action(SchemeAction.Pageout).Message.Should().Contain("CAP_FOWNER");
    }

    [Theory]
    [InlineData(ProcessCapabilities.DacReadSearch, CapabilityReason.Available)]
    [InlineData(ProcessCapabilities.DacOverride, CapabilityReason.Available)]
    [InlineData(ProcessCapabilities.DacReadSearch | ProcessCapabilities.DacOverride, CapabilityReason.NeedsCapDacReadSearch)]
    public void Other_users_page_maps_take_the_right_to_read_any_file(ProcessCapabilities missing, CapabilityReason reason)
    {
        using var host = Rich();
        var facts = MachineFacts.Read(host.Root);
        facts = facts with { Capabilities = facts.Capabilities & ~missing };
        facts.Backend(MonitoringBackend.IdlePage).Should().Match<BackendCapability>(c => c.IsAvailable && c.Reason == reason);
        foreach (var action in new[] { SchemeAction.Cold, SchemeAction.Pageout, SchemeAction.Collapse, SchemeAction.MigrateCold })
        {
            facts.Action(action).Should().Match<ActionCapability>(c => c.IsAvailable && c.Reason == reason);
        }
    }

    [Theory]
    [InlineData("0", new[] { 0 })]
    [InlineData("0-2,5", new[] { 0, 1, 2, 5 })]
    [InlineData("", new int[0])]
    public void A_number_list_is_ranges_and_numbers(string text, int[] numbers)
    {
        NumberList.TryParse(text, out var read).Should().BeTrue();
        read.Should().Equal(numbers);
    }

    [Theory]
    [InlineData("2-1")]
    [InlineData("0-4000000000")]
    [InlineData("1,0")]
    [InlineData("a")]
    [InlineData("0-")]
    [InlineData("0-65536")]
    public void A_hostile_number_list_is_refused(string text) => NumberList.TryParse(text, out _).Should().BeFalse();

    [Fact]
    public void This_machine_can_be_read_and_nothing_is_written()
    {
        var facts = MachineFacts.Read(new HostRoot());
        facts.Kernel.Major.Should().BeGreaterThan(3);
        facts.Memory.TotalBytes.Should().BeGreaterThan(0);
        facts.PageSizeBytes.Should().Be(Environment.SystemPageSize);
        output.WriteLine($"{facts.Kernel.Text}, cgroups {facts.Cgroups.Version}, {facts.Damon.Summary}");
        foreach (var backend in Enum.GetValues<MonitoringBackend>())
        {
            output.WriteLine(facts.Backend(backend).ToString());
        }

        var kernel = facts.Backend(MonitoringBackend.Kernel);
        (facts.Damon.WhoElse.Length > 0 && facts.Damon.HasSysfs).Should().Be(kernel.Reason == CapabilityReason.Busy);
        output.WriteLine(BackendChoice.Choose(facts, RequestedBackend.Auto).ToString());
    }
}
