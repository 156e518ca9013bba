using Damon.Engine.Host;
using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;
using Damon.NodeAgent.Ledger;
using Damon.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Damon.NodeAgent.Tests.Ledger;

public sealed class HostChangeUndoTests : IDisposable
{
    private const string Low = "/sys/fs/cgroup/a/memory.low";

    private readonly FakeHost _host = FakeHost.With((Low, "111\n"), ("/proc/sys/kernel/core_pattern", "111\n"));
    private readonly FakeTimeProvider _clock = new();
    private readonly ScriptedMemory _memory = new();

    [Theory]
    [InlineData("222\n", UndoOutcomeName.Undone, "111\n")]
    [InlineData("111\n", UndoOutcomeName.AlreadyUndone, "111\n")]
    [InlineData("333\n", UndoOutcomeName.Superseded, "333\n")]
    public void A_file_is_put_back_only_where_it_says_what_was_left_there(string now, UndoOutcomeName expected, string then)
    {
        var change = Change(Low);
        _host.Write(Low, now);
        Undo().Undo(change).ToString().Should().Be(expected.ToString());
        _host.ReadText(Low).Should().Be(then);
    }

    [Fact]
    public void A_group_that_was_made_anew_is_not_the_one_that_was_changed()
    {
        var change = Change(Low);
        Undo().Undo(change with { Identity = new FileIdentity(change.Identity.Device, change.Identity.Inode + 1) }).Should().Be(UndoOutcome.Gone);
        _host.Remove(Low);
        Undo().Undo(change).Should().Be(UndoOutcome.Gone);
    }

    [Theory]
    [InlineData("/proc/sys/kernel/core_pattern")]
    [InlineData("/sys/fs/cgroup/../../../proc/sys/kernel/core_pattern")]
    [InlineData("/etc/passwd")]
    public void A_ledger_that_names_other_files_is_not_followed(string path)
    {
        Undo().Undo(new FileChange("s", "p", path, default, "evil", "111")).Should().Be(UndoOutcome.Superseded);
        _host.ReadText("/proc/sys/kernel/core_pattern").Should().Be("111\n");
        using var ledger = Ledger(out _);
        new LedgeredFiles(_host.Root, ledger).Write("s", "p", path, "evil").Error.Kind.Should().Be(HostErrorKind.Denied);
    }

    [Theory]
    [InlineData(ActionOutcome.Applied, 0, UndoOutcomeName.Undone)]
    [InlineData(ActionOutcome.Partial, 0, UndoOutcomeName.Undone)]
    [InlineData(ActionOutcome.Partial, 4096, UndoOutcomeName.Failed)]
    [InlineData(ActionOutcome.NoEffect, 0, UndoOutcomeName.AlreadyUndone)]
    [InlineData(ActionOutcome.Gone, 0, UndoOutcomeName.Gone)]
    [InlineData(ActionOutcome.Denied, 4096, UndoOutcomeName.Failed)]
    [InlineData(ActionOutcome.TryAgain, 4096, UndoOutcomeName.Failed)]
    public void Pages_go_back_to_the_node_they_came_from_and_those_that_could_go_and_did_not_are_owed(ActionOutcome outcome, int leftBytes, UndoOutcomeName expected)
    {
        _memory.ApplyOutcome = outcome;
        _memory.Reachable = _ => (ulong)leftBytes;
        var move = new PageMove("s", "p", new ProcessIdentity(7, 1), new AddressRange(4096, 8192), From: 0, To: 1);
        Undo().Undo(move).ToString().Should().Be(expected.ToString());
        _memory.Actions.Should().Equal(new MemoryAction(SchemeAction.MigrateCold, [new MigrationDestination(0, 1)]));
    }

    [Fact]
    public void A_process_that_has_ended_is_owed_nothing() =>
        new HostChangeUndo(_host.Root, _clock).Undo(new PageMove("s", "p", new ProcessIdentity(7, 1), new AddressRange(4096, 8192), 0, 1)).Should().Be(UndoOutcome.Gone);

    [Fact]
    public void A_write_behind_the_ledger_is_undone_by_it()
    {
        using var ledger = Ledger(out _);
        new LedgeredFiles(_host.Root, ledger).Write("s", "p", Low, "222").Value.Should().Be("222");
        ledger.OwedChanges.Should().ContainSingle().Which.Should().Be(Change(Low));
        ledger.Undo(LedgerScope.All, Undo()).Undone.Should().Be(1);
        _host.ReadText(Low).Should().Be("111\n");
    }

    [Fact]
    public void A_write_that_changes_nothing_owes_nothing()
    {
        using var ledger = Ledger(out _);
        new LedgeredFiles(_host.Root, ledger).Write("s", "p", Low, "111").Value.Should().Be("111");
        ledger.Count.Should().Be(0);
    }

    [Fact]
    public void Nothing_is_written_that_the_ledger_could_not_take()
    {
        using var ledger = Ledger(out var disk);
        disk.IsFull = true;
        new LedgeredFiles(_host.Root, ledger).Write("s", "p", Low, "222").Error.Kind.Should().Be(HostErrorKind.Denied);
        _host.ReadText(Low).Should().Be("111\n");
    }

    /// <summary>The names of <see cref="UndoOutcome"/>, which a public test cannot have as a parameter.</summary>
    public enum UndoOutcomeName
    {
        Undone,
        AlreadyUndone,
        Gone,
        Superseded,
        Failed,
    }

    public void Dispose()
    {
        _host.Dispose();
        _memory.Dispose();
    }

    private FileChange Change(string path) => new("s", "p", path, _host.Root.Identify(path).Value, "111", "222");

    private HostChangeUndo Undo() => new(_host.Root, _clock, _ => _memory);

    private ChangeLedger Ledger(out FakeLedgerDisk disk)
    {
        disk = new FakeLedgerDisk(new CrashPoint(), length => length / 2);
        return ChangeLedger.Open(disk, _clock, "boot").Value;
    }
}
