using Damon.Api.Schemes;
using Damon.Api.Units;
using Damon.Operator.Rollouts;

namespace Damon.Operator.Tests.Rollouts;

public class RolloutPolicyTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan ObserveWithin = TimeSpan.FromMinutes(2);

    // A hundred nodes, five of them the canary, ten under way at once, halted at five of a hundred.
    private static readonly RolloutTarget Target = new() { Hash = "v-e", Acts = true, Spec = new() };

    [Theory]
    [InlineData("5%", 0, 0)]
    [InlineData("5%", 1, 1)] // All there is.
    [InlineData("5%", 2, 2)]
    [InlineData("5%", 20, 2)] // At least two.
    [InlineData("5%", 41, 3)] // Rounded up.
    [InlineData("5%", 100, 5)]
    [InlineData("100%", 3, 3)]
    [InlineData("0.0001%", 5000, 2)]
    public void A_share_halts_at_that_many_nodes(string share, int admitted, int count) => RolloutPolicy.HaltingCount(Percent.Parse(share), admitted).Should().Be(count);

    [Theory]
    [InlineData("10%", 0, 1)]
    [InlineData("10%", 9, 1)] // At least one.
    [InlineData("10%", 25, 2)] // Rounded down.
    [InlineData("10%", 5000, 500)]
    [InlineData("100%", 7, 7)]
    public void A_share_lets_that_many_nodes_be_under_way(string share, int able, int count) => RolloutPolicy.MostUnderWay(Percent.Parse(share), able).Should().Be(count);

    [Fact]
    public void Another_version_begins_anew_and_the_same_one_goes_on()
    {
        var stored = State(RolloutPhase.Stepping, step: 2) with { Resumed = "x", ForgivenTrips = 4 };
        RolloutPolicy.Begin(stored, Target, Start).Should().BeSameAs(stored);
        var former = new FormerVersion(new("u", new(Acts: true, IsPaused: false)), 3, Operator.Schemes.VersionText.Read("""{"mode":"Enforce"}"""u8.ToArray()));
        RolloutPolicy.Begin(stored, Target with { Hash = "w-e", ResumeRequest = "y", Former = former }, Start).Should().Be(
            new RolloutState { Hash = "w-e", Phase = RolloutPhase.Observing, Since = Start, Resumed = "y", Former = former });
        RolloutPolicy.Begin(stored, Target with { Hash = "w-o", Acts = false, Former = former }, Start).Former.Should().BeNull("there is nothing to go back to from what does not act");
    }

    // phase, minutes in it, what is seen → phase, step, grants
    [Theory]
    [InlineData(RolloutPhase.Observing, 0, 1.0, "able=100 awaited=1 canaryCandidates=50 candidates=99", RolloutPhase.Observing, 0, 0)] // One has not answered.
    [InlineData(RolloutPhase.Observing, 0, 2.0, "able=100 awaited=1 canaryCandidates=50 candidates=99", RolloutPhase.Canary, 0, 5)] // It is not waited for.
    [InlineData(RolloutPhase.Observing, 0, 0.0, "able=100 candidates=100", RolloutPhase.Observing, 0, 0)] // Nobody has targets.
    [InlineData(RolloutPhase.Observing, 0, 0.0, "able=100 canaryCandidates=2 candidates=100", RolloutPhase.Canary, 0, 2)]
    [InlineData(RolloutPhase.Observing, 0, 0.0, "able=100 admitted=5 candidates=95", RolloutPhase.Soaking, 0, 0)] // It was here before.
    [InlineData(RolloutPhase.Canary, 0, 9.0, "able=100 admitted=2 underWay=2 canaryCandidates=50 candidates=98", RolloutPhase.Canary, 0, 3)]
    [InlineData(RolloutPhase.Canary, 0, 9.0, "able=100 granted=5 underWay=5 canaryCandidates=50 candidates=95", RolloutPhase.Canary, 0, 0)]
    [InlineData(RolloutPhase.Canary, 0, 9.0, "able=400 admitted=5 underWay=5 canaryCandidates=395 candidates=395", RolloutPhase.Canary, 0, 15)] // 20 first.
    [InlineData(RolloutPhase.Canary, 0, 9.0, "able=1000 admitted=10 underWay=96 canaryCandidates=990 candidates=990", RolloutPhase.Canary, 0, 4)] // No more than 100 at once.
    [InlineData(RolloutPhase.Canary, 0, 9.0, "able=100 admitted=5 underWay=1 candidates=95", RolloutPhase.Canary, 0, 0)]
    [InlineData(RolloutPhase.Canary, 0, 9.0, "able=100 admitted=5 candidates=95", RolloutPhase.Soaking, 0, 0)]
    [InlineData(RolloutPhase.Canary, 0, 9.0, "able=100 admitted=3 canaryCandidates=0 candidates=97", RolloutPhase.Soaking, 0, 0)] // No other has targets.
    [InlineData(RolloutPhase.Canary, 0, 9.0, "able=100 admitted=5 uncertain=2 candidates=95", RolloutPhase.Canary, 0, 0)] // Unknown is not healthy.
    [InlineData(RolloutPhase.Canary, 0, 9.0, "able=100 admitted=5 degraded=2 candidates=95", RolloutPhase.Halted, 0, 0)]
    [InlineData(RolloutPhase.Canary, 0, 9.0, "able=100 admitted=5 degraded=1 candidates=95", RolloutPhase.Soaking, 0, 0)] // One of five.
    [InlineData(RolloutPhase.Canary, 0, 9.0, "able=10 admitted=1 degraded=1 candidates=9", RolloutPhase.Halted, 0, 0)] // One of one.
    [InlineData(RolloutPhase.Canary, 0, 9.0, "able=10 canaryCandidates=10 candidates=10", RolloutPhase.Canary, 0, 1)] // The first has left.
    [InlineData(RolloutPhase.Soaking, 0, 9.9, "able=100 admitted=5 candidates=95", RolloutPhase.Soaking, 0, 0)]
    [InlineData(RolloutPhase.Soaking, 0, 10.0, "able=100 admitted=5 candidates=95", RolloutPhase.Stepping, 1, 10)] // 25 first, 10 at once.
    [InlineData(RolloutPhase.Soaking, 0, 1.0, "able=100 admitted=5 tripped=2 candidates=95", RolloutPhase.Halted, 0, 0)]
    [InlineData(RolloutPhase.Soaking, 0, 10.0, "able=100 admitted=5 uncertain=2 candidates=95", RolloutPhase.Canary, 0, 0)] // It is watched anew.
    [InlineData(RolloutPhase.Soaking, 0, 10.0, "able=100 admitted=5 uncertain=1 candidates=95", RolloutPhase.Stepping, 1, 10)]
    [InlineData(RolloutPhase.Soaking, 0, 10.0, "able=100 canaryCandidates=40 candidates=95", RolloutPhase.Canary, 0, 5)] // All of them have left.
    [InlineData(RolloutPhase.Stepping, 1, 1.0, "able=100 admitted=20 underWay=8 candidates=80", RolloutPhase.Stepping, 1, 2)]
    [InlineData(RolloutPhase.Stepping, 1, 1.0, "able=100 admitted=22 candidates=78", RolloutPhase.Stepping, 1, 3)]
    [InlineData(RolloutPhase.Stepping, 1, 1.0, "able=100 admitted=25 candidates=75", RolloutPhase.Stepping, 2, 10)]
    [InlineData(RolloutPhase.Stepping, 1, 1.0, "able=100 admitted=25 underWay=1 candidates=75", RolloutPhase.Stepping, 1, 0)]
    [InlineData(RolloutPhase.Stepping, 2, 1.0, "able=100 admitted=60 underWay=3 degraded=2 candidates=40", RolloutPhase.Stepping, 2, 7)]
    [InlineData(RolloutPhase.Stepping, 2, 1.0, "able=100 admitted=60 underWay=3 degraded=2 uncertain=1 candidates=40", RolloutPhase.Stepping, 2, 0)] // Three of 60 would halt it.
    [InlineData(RolloutPhase.Stepping, 2, 1.0, "able=100 admitted=100", RolloutPhase.Done, 2, 0)]
    [InlineData(RolloutPhase.Stepping, 2, 1.0, "able=100 admitted=90", RolloutPhase.Done, 2, 0)] // Nobody else can.
    [InlineData(RolloutPhase.Stepping, 9, 1.0, "able=100 admitted=100", RolloutPhase.Done, 9, 0)] // Steps were taken away.
    [InlineData(RolloutPhase.Done, 2, 999.0, "able=105 admitted=100 candidates=5", RolloutPhase.Done, 2, 5)] // Some have joined.
    [InlineData(RolloutPhase.Done, 2, 999.0, "able=205 admitted=100 underWay=15 candidates=105", RolloutPhase.Done, 2, 5)]
    [InlineData(RolloutPhase.Done, 2, 999.0, "able=105 admitted=100 degraded=5 tripped=80 candidates=5", RolloutPhase.Done, 2, 0)] // What is done does not halt, and nobody joins.
    [InlineData(RolloutPhase.Halted, 1, 999.0, "able=100 admitted=20 candidates=80", RolloutPhase.Halted, 1, 0)] // It does not go on by itself.
    [InlineData(RolloutPhase.Reverting, 1, 0.0, "able=100 admitted=2 candidates=80", RolloutPhase.Reverting, 1, 0)]
    [InlineData(RolloutPhase.Reverting, 1, 0.0, "able=100 awaited=2 candidates=80", RolloutPhase.Reverting, 1, 0)]
    [InlineData(RolloutPhase.Reverting, 1, 0.0, "able=100 candidates=100", RolloutPhase.Reverted, 1, 0)]
    [InlineData(RolloutPhase.Reverted, 1, 999.0, "able=100 candidates=100", RolloutPhase.Reverted, 1, 0)]
    public void What_is_seen_decides_where_it_goes(RolloutPhase phase, int step, double minutes, string seen, RolloutPhase next, int nextStep, int grants)
    {
        var decision = Decide(State(phase, step), Target, seen, minutes);
        (decision.State.Phase, decision.State.Step, decision.Grants).Should().Be((next, nextStep, grants));
        decision.State.Since.Should().Be((phase, step) == (next, nextStep) ? Start : Start + TimeSpan.FromMinutes(minutes), "since says when phase and step became so");
    }

    [Theory]
    [InlineData(RolloutPhase.Observing, RolloutPhase.Observing)]
    [InlineData(RolloutPhase.Canary, RolloutPhase.Canary)]
    [InlineData(RolloutPhase.Soaking, RolloutPhase.Canary)] // What was seen while nothing acted says nothing.
    [InlineData(RolloutPhase.Stepping, RolloutPhase.Stepping)]
    [InlineData(RolloutPhase.Done, RolloutPhase.Done)]
    public void What_is_held_stays_where_it_is_and_lets_nobody_in(RolloutPhase phase, RolloutPhase next)
    {
        var decision = Decide(State(phase), Target with { IsHeld = true }, "able=100 admitted=5 degraded=5 canaryCandidates=50 candidates=95", minutes: 999);
        (decision.State.Phase, decision.Grants).Should().Be((next, 0));
    }

    [Theory]
    [InlineData(HaltAction.Pause, RolloutPhase.Halted)]
    [InlineData(HaltAction.Revert, RolloutPhase.Reverting)]
    public void What_is_asked_for_happens_when_too_many_are_ill(HaltAction onHalt, RolloutPhase next)
    {
        var decision = Decide(State(RolloutPhase.Stepping, 1), Target with { Spec = new() { OnHalt = onHalt }, ResumeRequest = "old" }, "able=100 admitted=20 degraded=2 candidates=80");
        decision.State.Should().Be(State(next, 1) with { Resumed = "old" }, "a request that stands there was made for something else");
    }

    // phase, step, heard last, asked for → phase, step
    [Theory]
    [InlineData(RolloutPhase.Halted, 0, "", "now", RolloutPhase.Canary, 0)]
    [InlineData(RolloutPhase.Halted, 1, "before", "now", RolloutPhase.Stepping, 1)]
    [InlineData(RolloutPhase.Halted, 1, "now", "now", RolloutPhase.Halted, 1)]
    [InlineData(RolloutPhase.Halted, 1, "now", "", RolloutPhase.Halted, 1)] // Taken away is not asked for.
    [InlineData(RolloutPhase.Stepping, 1, "", "now", RolloutPhase.Stepping, 1)]
    [InlineData(RolloutPhase.Reverted, 1, "", "now", RolloutPhase.Observing, 0)]
    [InlineData(RolloutPhase.Reverting, 1, "", "now", RolloutPhase.Observing, 0)]
    public void A_resume_request_counts_once(RolloutPhase phase, int step, string heard, string asked, RolloutPhase next, int nextStep)
    {
        var decision = Decide(State(phase, step) with { Resumed = heard }, Target with { ResumeRequest = asked }, "able=100 admitted=10 underWay=10 awaited=9 candidates=90", minutes: 1);
        (decision.State.Phase, decision.State.Step).Should().Be((next, nextStep));
        decision.IsResumed.Should().Be(phase != next);
        decision.State.Resumed.Should().Be(phase != next ? asked : heard);
    }

    [Fact]
    public void Trips_are_forgiven_on_resume_and_degraded_nodes_are_not()
    {
        var halted = State(RolloutPhase.Halted, 1);
        var asked = Target with { ResumeRequest = "now" };
        Decide(halted, asked, "able=100 admitted=20 tripped=7 candidates=80").State.Should().Match<RolloutState>(state => state.Phase == RolloutPhase.Stepping && state.ForgivenTrips == 7);
        Decide(State(RolloutPhase.Stepping, 1) with { ForgivenTrips = 7 }, Target, "able=100 admitted=20 tripped=9 candidates=80").State.Phase.Should().Be(RolloutPhase.Halted);
        var again = Decide(halted, asked, "able=100 admitted=20 degraded=2 candidates=80");
        again.State.Should().Match<RolloutState>(state => state.Phase == RolloutPhase.Halted && state.Resumed == "now");
    }

    [Fact]
    public void What_tripped_before_a_version_came_back_is_no_sign_about_it() =>
        Decide(State(RolloutPhase.Observing), Target, "able=100 admitted=90 tripped=60 candidates=10").State.Should().Match<RolloutState>(state =>
            state.Phase == RolloutPhase.Soaking && state.ForgivenTrips == 60);

    [Theory]
    [InlineData("awaited=1", RolloutPhase.Observing)]
    [InlineData("awaited=0", RolloutPhase.Done)]
    [InlineData("able=0 mayAnswer=3", RolloutPhase.Observing)] // Nobody could be asked yet.
    [InlineData("able=1 mayAnswer=3", RolloutPhase.Done)]
    public void What_does_not_act_is_done_when_all_have_it(string seen, RolloutPhase next) =>
        Decide(State(RolloutPhase.Observing), Target with { Acts = false }, seen).State.Phase.Should().Be(next);

    [Fact]
    public void Time_alone_is_waited_for_where_it_decides()
    {
        Decide(State(RolloutPhase.Observing), Target, "able=10 awaited=1", minutes: 1).LookAgainAt.Should().Be(Start + ObserveWithin);
        Decide(State(RolloutPhase.Observing), Target, "able=10", minutes: 1).Should().Match<RolloutDecision>(decision => decision.LookAgainAt == null && decision.IsWaitingForCanary);
        Decide(State(RolloutPhase.Soaking), Target, "able=10 admitted=1", minutes: 1).LookAgainAt.Should().Be(Start + TimeSpan.FromMinutes(10));
        Decide(State(RolloutPhase.Stepping, 1), Target, "able=10 admitted=1 underWay=1").LookAgainAt.Should().BeNull();
    }

    private static RolloutDecision Decide(RolloutState state, RolloutTarget target, string seen, double minutes = 0) =>
        RolloutPolicy.Decide(state, target, Survey(seen), Start + TimeSpan.FromMinutes(minutes), ObserveWithin);

    private static RolloutState State(RolloutPhase phase, int step = 0) => new() { Hash = "v-e", Phase = phase, Step = step, Since = Start };

    private static RolloutSurvey Survey(string seen)
    {
        var numbers = seen.Split(' ').Select(one => one.Split('=')).ToDictionary(one => one[0], one => int.Parse(one[1]));
        return new RolloutSurvey
        {
            Able = Of("able"),
            MayAnswer = Of("mayAnswer"),
            Admitted = Of("admitted"),
            Granted = Of("granted"),
            UnderWay = Of("underWay"),
            Degraded = Of("degraded"),
            Uncertain = Of("uncertain"),
            Tripped = Of("tripped"),
            Awaited = Of("awaited"),
            Candidates = Of("candidates"),
            CanaryCandidates = Of("canaryCandidates"),
        };

        int Of(string name) => numbers.GetValueOrDefault(name);
    }
}
