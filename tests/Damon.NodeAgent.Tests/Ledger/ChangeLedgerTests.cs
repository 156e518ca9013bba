using Damon.Engine.Host;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;
using Damon.NodeAgent.Ledger;
using Microsoft.Extensions.Time.Testing;

namespace Damon.NodeAgent.Tests.Ledger;

public sealed class ChangeLedgerTests : IDisposable
{
    private const string Low = "/sys/fs/cgroup/a/memory.low";
    private static readonly FileIdentity Identity = new(1, 2);
    private static readonly ProcessIdentity Process = new(7, 9);

    private readonly CrashPoint _crash = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly FakeLedgerDisk _disk;
    private readonly SimulatedKernel _kernel;

    public ChangeLedgerTests()
    {
        _disk = new FakeLedgerDisk(_crash, length => length / 2);
        _kernel = new SimulatedKernel(_crash);
        _kernel.Files[Low] = (Identity, "0");
        _kernel.Processes[Process] = new int[SimulatedKernel.Pages];
    }

    [Fact]
    public void The_intent_is_on_the_disk_before_the_change_may_be_made()
    {
        using var ledger = Open();
        var before = _disk.Content.Length;
        ledger.Begin(File("s", "0", "100")).Should().NotBeNull();
        _disk.Content.Length.Should().BeGreaterThan(before);
        using var successor = Open();
        successor.OwedChanges.Should().Equal(File("s", "0", "100"));
    }

    [Fact]
    public void Where_the_intent_cannot_be_written_the_change_is_refused()
    {
        using var ledger = Open();
        _disk.IsFull = true;
        ledger.Begin(File("s", "0", "100")).Should().BeNull();
        ledger.LastError.Should().Contain("no space");
        ledger.Count.Should().Be(0);

        _disk.IsFull = false;
        ledger.Begin(File("s", "0", "7")).Should().NotBeNull("there is room again");
        using var successor = Open();
        successor.OwedChanges.Should().Equal(File("s", "0", "7"));
        successor.IsDamaged.Should().BeFalse("what the failed write left was written over");
    }

    [Fact]
    public void What_is_settled_is_owed_no_longer_after_a_restart()
    {
        using (var ledger = Open())
        {
            ledger.NotApplied(ledger.Begin(File("s", "0", "100"))!.Value);
            Write(ledger, "t", "0", "50");
        }

        using var successor = Open();
        successor.Count.Should().Be(1);
        successor.Undo(LedgerScope.All, _kernel).Undone.Should().Be(1);
        _kernel.Files[Low].Value.Should().Be("0");
        using var last = Open();
        last.Count.Should().Be(0);
    }

    [Fact]
    public void After_another_boot_nothing_is_owed()
    {
        using (var ledger = Open())
        {
            Write(ledger, "s", "0", "100");
        }

        using var successor = ChangeLedger.Open(_disk, _clock, "another boot").Value;
        successor.Count.Should().Be(0);
    }

    [Fact]
    public void What_the_kernel_made_of_a_value_is_what_undoing_looks_for()
    {
        using var ledger = Open();
        var change = File("s", "0", "5000");
        var id = ledger.Begin(change)!.Value;
        _kernel.Write(change, "4096");
        ledger.Applied(id, "4096");
        ledger.Undo(LedgerScope.All, _kernel).Undone.Should().Be(1);
    }

    [Fact]
    public void What_somebody_else_has_written_since_stays()
    {
        using var ledger = Open();
        Write(ledger, "s", "0", "100");
        _kernel.Files[Low] = (Identity, "theirs");
        ledger.Undo(LedgerScope.All, _kernel).Should().BeEquivalentTo(new { Superseded = 1, Undone = 0, Owed = 0 });
        _kernel.Files[Low].Value.Should().Be("theirs");
    }

    [Fact]
    public void What_is_gone_is_done()
    {
        using var ledger = Open();
        Write(ledger, "s", "0", "100");
        Move(ledger, "s", 0, 4, 0, 1);
        _kernel.Files[Low] = (new FileIdentity(1, 3), "100");
        _kernel.Processes.Remove(Process);
        ledger.Undo(LedgerScope.All, _kernel).Should().BeEquivalentTo(new { Gone = 2, Undone = 0, Owed = 0 });
        _kernel.Files[Low].Value.Should().Be("100", "the group of that name is another one");
    }

    [Fact]
    public void A_scheme_that_is_deleted_takes_back_its_own_changes_only()
    {
        using var ledger = Open();
        Move(ledger, "gone", 0, 4, 0, 1);
        Move(ledger, "stays", 4, 8, 0, 1);
        ledger.Undo(new LedgerScope(Scheme: "gone"), _kernel).Undone.Should().Be(1);
        _kernel.Processes[Process][..8].Should().Equal(0, 0, 0, 0, 1, 1, 1, 1);
        ledger.Undo(new LedgerScope(Pod: "another"), _kernel).Undone.Should().Be(0);
        ledger.Undo(new LedgerScope(Pod: "pod"), _kernel).Undone.Should().Be(1);
    }

    // 0 ─s─▶ 100 ─t─▶ 200: without s it is 200 still, and what t leads back to is 0.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_change_below_another_one_hands_over_what_it_would_have_led_back_to(bool restarts)
    {
        var ledger = Open();
        Write(ledger, "s", "0", "100");
        Write(ledger, "t", "100", "200");
        ledger.Undo(new LedgerScope(Scheme: "s"), _kernel).IsComplete.Should().BeTrue();
        _kernel.Files[Low].Value.Should().Be("200");
        if (restarts)
        {
            ledger.Dispose();
            ledger = Open();
        }

        ledger.Undo(new LedgerScope(Scheme: "t"), _kernel).Undone.Should().Be(1);
        _kernel.Files[Low].Value.Should().Be("0");
        ledger.Dispose();
    }

    [Fact]
    public void Changes_on_top_of_each_other_are_undone_newest_first()
    {
        using var ledger = Open();
        Write(ledger, "s", "0", "100");
        Write(ledger, "t", "100", "200");
        ledger.Undo(LedgerScope.All, _kernel).Undone.Should().Be(2);
        _kernel.Files[Low].Value.Should().Be("0");
    }

    // An intent without outcome stands between two schemes' moves of the same pages. While it is undone the file is written anew, and nothing of the other scheme may get lost by that.
    [Fact]
    public void Undoing_one_scheme_keeps_what_another_owes_even_where_the_file_is_written_anew_meanwhile()
    {
        using var ledger = ChangeLedger.Open(_disk, _clock, "boot", new LedgerBounds { CompactAboveBytes = 1, MaxOwedBytes = 1 << 20 }).Value;
        Move(ledger, "s", 10, 12, 0, 1);

        // So many that settling them has the file written anew before the oldest change is reached.
        for (var i = 0; i < 30; i++)
        {
            var change = new FileChange("s", "pod", $"/sys/fs/cgroup/{i}", Identity, "0", "1");
            _kernel.Files[change.Path] = (Identity, "0");
            var id = ledger.Begin(change)!.Value;
            _kernel.Write(change, "1");
            ledger.Applied(id);
        }

        ledger.Begin(new PageMove("s", "pod", Process, new AddressRange(10 * 4096, 11 * 4096), 1, 2)).Should().NotBeNull();
        Move(ledger, "t", 4, 6, 0, 2);
        Move(ledger, "t", 6, 8, 0, 2);
        var replacements = _disk.Replacements;
        ledger.Undo(new LedgerScope(Scheme: "s"), _kernel).IsComplete.Should().BeTrue();
        _disk.Replacements.Should().BeGreaterThan(replacements + 1, "or this shows nothing");
        _kernel.Processes[Process].Should().Equal(0, 0, 0, 0, 2, 2, 2, 2, 0, 0, 0, 0, 0, 0, 0, 0);
        ledger.Undo(new LedgerScope(Scheme: "t"), _kernel).IsComplete.Should().BeTrue();
        _kernel.Processes[Process].Should().OnlyContain(node => node == 0);
        ledger.Count.Should().Be(0);
    }

    [Fact]
    public void What_could_not_be_put_back_is_still_owed()
    {
        using var ledger = Open();
        Write(ledger, "s", "0", "100");
        ledger.Undo(LedgerScope.All, new FailingUndo()).Should().BeEquivalentTo(new { Owed = 1, IsComplete = false });
        using var successor = Open();
        successor.Undo(LedgerScope.All, _kernel).Undone.Should().Be(1);
    }

    [Fact]
    public void What_is_not_taken_back_is_counted_and_told_once()
    {
        using (var ledger = Open())
        {
            ledger.NoteIrreversible("s", SchemeAction.Pageout, 100);
            ledger.NoteIrreversible("s", SchemeAction.Pageout, 20);
            ledger.NoteIrreversible("t", SchemeAction.Pageout, 3);
            _clock.Advance(TimeSpan.FromMinutes(1));
            ledger.NoteIrreversible("s", SchemeAction.Collapse, 5);
        }

        using var successor = Open();
        successor.Undo(new LedgerScope(Scheme: "s"), _kernel).Irreversible.Should().Equal(new Dictionary<SchemeAction, ulong> { [SchemeAction.Pageout] = 120, [SchemeAction.Collapse] = 5 });
        successor.Undo(LedgerScope.All, _kernel).Irreversible.Should().Equal(new Dictionary<SchemeAction, ulong> { [SchemeAction.Pageout] = 3 });
        using var last = Open();
        last.Undo(LedgerScope.All, _kernel).Irreversible.Should().BeEmpty();
    }

    [Fact]
    public void Counting_writes_at_most_once_a_minute()
    {
        using var ledger = Open();
        ledger.NoteIrreversible("s", SchemeAction.Pageout, 1);
        var writes = _disk.Writes;
        for (var i = 0; i < 1000; i++)
        {
            ledger.NoteIrreversible("s", SchemeAction.Pageout, 1);
        }

        _disk.Writes.Should().Be(writes);
    }

    [Fact]
    public void However_often_the_same_memory_is_moved_the_file_stays_bounded()
    {
        var bounds = new LedgerBounds { CompactAboveBytes = 4096, MaxOwedBytes = 16 * 1024 };
        using var ledger = ChangeLedger.Open(_disk, _clock, "boot", bounds).Value;
        var longest = 0;
        for (var i = 0; i < 2000; i++)
        {
            var start = (ulong)(i % SimulatedKernel.Pages);
            var from = _kernel.Processes[Process][start];
            Move(ledger, "s", start, start + 1, from, 1 - from);
            Write(ledger, "s", i % 2 == 0 ? "0" : "1", i % 2 == 0 ? "1" : "0");
            longest = Math.Max(longest, _disk.Content.Length);
        }

        longest.Should().BeLessThan(4 * bounds.MaxOwedBytes);
    }

    [Fact]
    public void A_full_ledger_takes_no_further_change_until_something_is_settled()
    {
        using var ledger = ChangeLedger.Open(_disk, _clock, "boot", new LedgerBounds { CompactAboveBytes = 1000, MaxOwedBytes = 1000 }).Value;
        var begun = 0;
        while (begun < 1000 && ledger.Begin(new FileChange("s", "pod", $"/sys/fs/cgroup/{begun}", Identity, "0", "1")) is not null)
        {
            begun++;
        }

        begun.Should().BeInRange(5, 50);
        ledger.LastError.Should().Contain("full");
        ledger.Undo(LedgerScope.All, _kernel).IsComplete.Should().BeTrue();
        ledger.Begin(File("s", "0", "1")).Should().NotBeNull();
    }

    [Fact]
    public void Damage_in_the_middle_is_told_and_loses_nothing_else()
    {
        using (var ledger = Open())
        {
            Write(ledger, "s", "0", "100");
            Move(ledger, "s", 0, 4, 0, 1);
        }

        _disk.Content[40] ^= 0xff;
        using var successor = Open();
        successor.IsDamaged.Should().BeTrue();
        successor.OwedChanges.OfType<PageMove>().Should().HaveCount(1);
        using var last = Open();
        last.IsDamaged.Should().BeFalse("it was written anew");
    }

    [Fact]
    public void A_ledger_that_cannot_be_read_is_an_error_and_no_empty_one()
    {
        _disk.ReadError = new HostError(HostErrorKind.Denied, "ledger");
        ChangeLedger.Open(_disk, _clock, "boot").Error.Kind.Should().Be(HostErrorKind.Denied);
    }

    [Fact]
    public void Every_action_is_either_taken_back_or_says_why_not() =>
        Enum.GetValues<SchemeAction>().Where(action => Reversibility.WhyNot(action) is null).Should().Equal(SchemeAction.MigrateHot, SchemeAction.MigrateCold);

    public void Dispose() => _disk.Dispose();

    private ChangeLedger Open() => ChangeLedger.Open(_disk, _clock, "boot").Value;

    private static FileChange File(string scheme, string before, string after) => new(scheme, "pod", Low, Identity, before, after);

    private void Write(ChangeLedger ledger, string scheme, string before, string after)
    {
        var change = File(scheme, before, after);
        var id = ledger.Begin(change)!.Value;
        _kernel.Write(change, after);
        ledger.Applied(id);
    }

    private void Move(ChangeLedger ledger, string scheme, ulong start, ulong end, int from, int to)
    {
        var move = new PageMove(scheme, "pod", Process, new AddressRange(start * 4096, end * 4096), from, to);
        var id = ledger.Begin(move)!.Value;
        _kernel.Move(move);
        ledger.Applied(id);
    }

    private sealed class FailingUndo : IChangeUndo
    {
        public UndoOutcome Undo(LedgerChange change) => UndoOutcome.Failed;
    }
}
