using Damon.NodeAgent.Safety;
using Microsoft.Extensions.Time.Testing;

namespace Damon.NodeAgent.Tests.Safety;

public class CostGovernorTests
{
    private static readonly CostCeilings Ceilings = new(CpuShare: 0.02, ProbesPerSecond: 10_000, MaxStretch: 10);
    private static readonly string[] All = ["first", "second", "third"];

    private readonly FakeTimeProvider _clock = new();

    [Theory]
    [InlineData(0.02, 10_000, 1)]
    [InlineData(0.021, 1, 1.05)]
    [InlineData(0.06, 1, 3)]
    [InlineData(0.001, 40_000, 4)]
    [InlineData(0.06, 50_000, 5)]
    [InlineData(1, 1, 10)]
    public void Intervals_lengthen_first_until_both_ceilings_are_kept(double cpu, double probes, double stretch)
    {
        var decision = Governor().Decide(cpu, probes, Costs(cpu, probes, 1), All);
        decision.Stretch.Should().BeApproximately(stretch, 1e-6);
        decision.Shed.Should().BeEmpty();
    }

    // At stretch 1 the sessions cost 0.15 CPU each: together 0.45, which the longest intervals bring to 0.045. One has to go for 0.030, two for 0.015.
    [Fact]
    public void What_the_longest_intervals_do_not_save_is_shed_from_the_lowest_rank()
    {
        var governor = Governor();
        var decision = Simulate(governor, 0.15, 2);
        decision.Shed.Should().BeEmpty("it takes three measurements in a row");
        decision.Stretch.Should().Be(10);
        decision = Simulate(governor, 0.15, 1);
        decision.Shed.Should().Equal("third", "second");
        decision.Stretch.Should().Be(10);
        Simulate(governor, 0.15, 100).Shed.Should().Equal("third", "second");
    }

    [Fact]
    public void Sessions_come_back_highest_rank_first_and_one_at_a_time_when_there_is_room()
    {
        var governor = Governor();
        Simulate(governor, 0.15, 10).Shed.Should().Equal("third", "second");

        // Everything has become cheap; what the shed ones cost is known only from before: 0.005 + 0.15 over the longest stretch is within 80 % of the ceiling, and so is 0.01 + 0.15.
        var order = new List<string>();
        var shed = 2;
        for (var i = 0; i < 600; i++)
        {
            var decision = Simulate(governor, 0.005, 1);
            if (decision.Shed.Count < shed)
            {
                order.Add(string.Join(',', decision.Shed));
                shed = decision.Shed.Count;
            }
        }

        order.Should().Equal("third", "");
    }

    [Fact]
    public void A_session_that_is_no_longer_wanted_is_forgotten()
    {
        var governor = Governor();
        Simulate(governor, 0.15, 10).Shed.Should().Equal("third", "second");
        governor.Decide(0.0149, 1, Costs(0.0149, 1, 1), ["first", "third"]).Shed.Should().Equal("third");
    }

    [Fact]
    public void A_ceiling_that_is_none_is_refused()
    {
        FluentActions.Invoking(() => new CostGovernor(_clock, Ceilings with { ProbesPerSecond = 0 })).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => new CostGovernor(_clock, Ceilings with { CpuShare = 0 })).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => new CostGovernor(_clock, Ceilings with { MaxStretch = 0.5 })).Should().Throw<ArgumentOutOfRangeException>();
    }

    private CostDecision _last = new(1, []);

    private CostGovernor Governor() => new(_clock, Ceilings);

    /// <summary>Each session that runs costs so much at stretch 1; measurements are ten seconds apart.</summary>
    private CostDecision Simulate(CostGovernor governor, double cpuEach, int measurements)
    {
        for (var i = 0; i < measurements; i++)
        {
            _clock.Advance(TimeSpan.FromSeconds(10));
            var running = All.Where(session => !_last.Shed.Contains(session)).ToArray();
            var costs = running.Select(session => new SessionCost(session, cpuEach / _last.Stretch, 1)).ToArray();
            _last = governor.Decide(costs.Sum(cost => cost.CpuShare), costs.Length, costs, All);
        }

        return _last;
    }

    private static SessionCost[] Costs(double cpu, double probes, int sessions) => [.. All.Take(sessions).Select(session => new SessionCost(session, cpu / sessions, probes / sessions))];
}
