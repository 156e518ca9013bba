using Damon.Engine.Host;
using Damon.Engine.Interop;
using Damon.Engine.Machine;
using Damon.Engine.Schemes;
using Damon.Testing;

namespace Damon.Engine.Tests.Machine;

public class ProcessAdviceProbeTests(ITestOutputHelper output)
{
    private const int Parent = 500;
    private const int Init = 1;

    // How mm/madvise.c answers an advice on another process without a range: by its generation and the caller's rights.
    [Theory]
    [InlineData("6.12", "all", "Accepted Accepted Accepted Accepted Refused Refused")]
    [InlineData("6.12", "nothing", "Accepted Accepted Accepted Accepted Refused Refused")] // the advice is checked before the rights
    [InlineData("6.12", "no nice", "Accepted Accepted Accepted Accepted Refused Refused")]
    [InlineData("5.10", "all", "Accepted Accepted Accepted Refused Refused Refused")] // no MADV_COLLAPSE yet
    [InlineData("7.3", "all", "Accepted Accepted Accepted Accepted Refused Refused")]
    [InlineData("7.3", "no nice", "Accepted Accepted Accepted Accepted Refused Refused")]
    [InlineData("7.3 without huge pages", "all", "Accepted Accepted Accepted NotBuiltIn Refused Refused")]
    [InlineData("without the call", "all", "Refused Refused Refused Refused Refused Refused")]
    [InlineData("of another day", "all", "Accepted Accepted Accepted Accepted Accepted Accepted")]
    public void Each_generation_of_the_kernel_is_understood_with_and_without_rights(string kernel, string rights, string answers)
    {
        var advice = ProcessAdviceProbe.Ask(new ScriptedKernel(kernel, rights));

        (Text(advice), advice.IsKnown).Should().Be((answers, true));
    }

    [Theory]
    [InlineData("7.3", "nothing", "asking about process 1 ended with error 13")] // the right to look comes first
    [InlineData("blocked", "all", "asking about process 1 ended with error 1")] // a seccomp profile
    [InlineData("takes all", "all", "takes nonsense")] // an emulation
    public void An_answer_that_says_nothing_is_none(string kernel, string rights, string problem)
    {
        var advice = ProcessAdviceProbe.Ask(new ScriptedKernel(kernel, rights));

        advice.IsKnown.Should().BeFalse();
        advice.Problem.Should().Contain(problem);
        Enum.GetValues<SchemeAction>().Should().OnlyContain(action => advice.Of(action) == AdviceAnswer.Unknown);
    }

    [Fact]
    public void Where_one_process_may_not_be_looked_at_the_next_is_asked_about()
    {
        var kernel = new ScriptedKernel("7.3", "all") { Denied = Parent };

        ProcessAdviceProbe.Ask(kernel).IsKnown.Should().BeTrue();

        kernel.Asked.Distinct().Should().Equal(Parent, Init);
        kernel.Open.Should().Be(0, "every descriptor is closed");
    }

    [Theory]
    [InlineData(0)] // before it is opened
    [InlineData(1)] // after the nonsense
    [InlineData(4)]
    public void A_process_that_ends_meanwhile_is_no_answer(int afterCalls)
    {
        var kernel = new ScriptedKernel("6.12", "all") { Ends = Parent, EndsAfter = afterCalls };

        Text(ProcessAdviceProbe.Ask(kernel)).Should().Be("Accepted Accepted Accepted Accepted Refused Refused");

        kernel.Asked[^1].Should().Be(Init);
        kernel.Open.Should().Be(0);
    }

    [Fact]
    public void Without_another_process_nothing_is_known() =>
        ProcessAdviceProbe.Ask(new ScriptedKernel("7.3", "all") { Others = [] }).Problem.Should().Contain("no other process");

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("of-another-machine\n")]
    public void A_tree_that_is_not_of_this_kernel_is_not_asked_about(string? boot)
    {
        using var host = new FakeHost();
        if (boot is not null)
        {
            host.Write("/proc/sys/kernel/random/boot_id", boot);
        }

        var kernel = new ScriptedKernel("7.3", "all");

        ProcessAdviceProbe.Ask(host.Root, TimeProvider.System, kernel).Problem.Should().Contain("not of the kernel that this program runs on");
        kernel.Asked.Should().BeEmpty();
    }

    [Fact]
    public async Task A_kernel_that_does_not_answer_holds_nobody_up()
    {
        using var stuck = new ManualResetEventSlim();
        var time = new VirtualTime();
        var asking = Task.Run(() => ProcessAdviceProbe.Ask(new HostRoot(), time, new ScriptedKernel("7.3", "all") { OnAsk = stuck.Wait }), TestContext.Current.CancellationToken);
        while (!asking.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        (await asking).Problem.Should().Contain("has not answered");
        stuck.Set();
    }

    [Fact]
    public void This_kernel_says_what_it_takes()
    {
        var advice = ProcessAdviceProbe.Ask(new HostRoot(), TimeProvider.System);
        output.WriteLine(advice.Message);
        Assert.SkipUnless(advice.IsKnown, $"This machine does not let it be asked: {advice.Problem}");

        // No kernel until now takes advice for or against huge pages for other processes, and every one that has the call takes the first three.
        (advice.HugePage, advice.NoHugePage).Should().NotBe((AdviceAnswer.Unknown, AdviceAnswer.Unknown));
        new[] { advice.Pageout, advice.Cold, advice.WillNeed }.Distinct().Should().ContainSingle();
    }

    [Theory]
    [InlineData("6.12", "Accepted", true, CapabilityReason.Available)]
    [InlineData("5.4", "Accepted", true, CapabilityReason.Available)] // taken over into an older kernel
    [InlineData("6.12", "Refused", false, CapabilityReason.NotInKernel)]
    [InlineData("6.12", "NotBuiltIn", false, CapabilityReason.NotInKernel)]
    [InlineData("6.12", "Unknown", true, CapabilityReason.Available)] // the version stands in
    [InlineData("6.0", "Unknown", false, CapabilityReason.NotInKernel)]
    public void The_kernels_word_goes_before_its_version(string release, string answer, bool isAvailable, CapabilityReason reason)
    {
        using var host = FakeHost.With(("/proc/sys/kernel/osrelease", release + "\n"), ("/proc/self/status", "Uid:\t0\t0\t0\t0\nCapEff:\t000001ffffffffff\n"));
        var parsed = Enum.Parse<AdviceAnswer>(answer);
        var facts = MachineFacts.Read(host.Root, new ProcessAdvice { Collapse = parsed, Problem = parsed == AdviceAnswer.Unknown ? "nobody" : "" });

        facts.Action(SchemeAction.Collapse).Should().Match<ActionCapability>(action => action.IsAvailable == isAvailable && action.Reason == reason && action.Message.EndsWith('.'));
    }

    [Fact]
    public void Advice_that_is_taken_and_not_given_is_said_to_be_so()
    {
        using var host = FakeHost.With(("/proc/sys/kernel/osrelease", "9.0\n"));

        MachineFacts.Read(host.Root, new ProcessAdvice { HugePage = AdviceAnswer.Accepted, NoHugePage = AdviceAnswer.Refused }).Should().Match<MachineFacts>(
            facts => facts.Action(SchemeAction.HugePage).Reason == CapabilityReason.NotInThisVersion && facts.Action(SchemeAction.NoHugePage).Reason == CapabilityReason.NotInUserSpace);
    }

    [Fact]
    public void A_missing_right_is_still_named_where_the_kernel_would_take_the_advice()
    {
        using var host = FakeHost.With(("/proc/sys/kernel/osrelease", "7.3\n"), ("/proc/self/status", "CapEff:\t0000000000000000\n"));

        MachineFacts.Read(host.Root, new ProcessAdvice { Cold = AdviceAnswer.Accepted }).Action(SchemeAction.Cold).Reason.Should().Be(CapabilityReason.NeedsCapSysPtrace);
    }

    private static string Text(ProcessAdvice advice) => $"{advice.Pageout} {advice.Cold} {advice.WillNeed} {advice.Collapse} {advice.HugePage} {advice.NoHugePage}";

    /// <summary>A kernel's checks in their order, for a vector without a range.</summary>
    private sealed class ScriptedKernel(string kernel, string rights) : IAdviceKernel
    {
        private int _calls;

        public IReadOnlyList<int> Others { get; init; } = [Parent, Init];

        public int Denied { get; init; }

        public int Ends { get; init; }

        public int EndsAfter { get; init; }

        public Action? OnAsk { get; init; }

        public List<int> Asked { get; } = [];

        public int Open { get; private set; }

        int IAdviceKernel.Open(int process)
        {
            if (process == Ends && EndsAfter == 0)
            {
                return -Errno.ESRCH;
            }

            Open++;
            return 1000 + process;
        }

        public void Close(int descriptor) => Open--;

        public int AdviseOther(int descriptor, int advice)
        {
            OnAsk?.Invoke();
            var process = descriptor - 1000;
            Asked.Add(process);
            if (process == Ends && ++_calls > EndsAfter)
            {
                return -Errno.ESRCH;
            }

            var isTaken = advice is MemoryAdvice.PageOut or MemoryAdvice.Cold or MemoryAdvice.WillNeed || (advice == MemoryAdvice.Collapse && kernel != "5.10");
            var mayLook = rights != "nothing" && process != Denied;
            return kernel switch
            {
                "without the call" => -Errno.ENOSYS,
                "blocked" => -Errno.EPERM,
                "takes all" => 0,
                "5.10" or "6.12" => !isTaken ? -Errno.EINVAL : !mayLook ? -Errno.EACCES : Nice(),
                "of another day" => !mayLook ? -Errno.EACCES : advice == MemoryAdvice.Nonsense ? -Errno.EINVAL : Nice(),
                _ => !mayLook ? -Errno.EACCES : !isTaken ? -Errno.EINVAL : Nice(),
            };
        }

        public int AdviseOwn(int advice) => kernel.EndsWith("without huge pages", StringComparison.Ordinal) && advice is MemoryAdvice.Collapse or MemoryAdvice.HugePage or MemoryAdvice.NoHugePage ? -Errno.EINVAL : 0;

        private int Nice() => rights == "no nice" ? -Errno.EPERM : 0;
    }
}
