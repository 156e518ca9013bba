using Damon.Kubernetes.Objects;
using Damon.Operator.Nodes;

namespace Damon.Operator.Tests.Nodes;

public class NodeContactTests
{
    private static readonly TimeSpan LostAfter = TimeSpan.FromMinutes(5);
    private static readonly DateTimeOffset Start = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);

    // Minutes: when the operator started is 0. What it finds began before; what it sees begins while it looks.
    [Theory]
    [InlineData(-10, 0, Reachability.NodeNotReady, true)] // Found so, for ten minutes.
    [InlineData(-4, 0, Reachability.NodeNotReady, false)]
    [InlineData(-4, 1, Reachability.NodeNotReady, true)]
    [InlineData(60, 4, Reachability.NodeNotReady, false)] // A clock that goes ahead elsewhere.
    [InlineData(60, 5, Reachability.NodeNotReady, true)]
    public void A_restart_does_not_begin_the_time_out_of_reach_anew(int since, int now, Reachability how, bool isLost)
    {
        var row = Row();
        row.Set(Node(isReady: false, since), Start);
        Contact(row, now).Should().Match<NodeContact>(contact => contact.Reachability == how && contact.IsLost == isLost);
    }

    [Fact]
    public void What_is_seen_to_begin_counts_by_the_own_clock()
    {
        var row = Row();
        row.Set(Node(isReady: true, -600), Start);

        // The other clock is an hour behind.
        row.Set(Node(isReady: false, -58), At(2));
        Contact(row, 6).IsLost.Should().BeFalse();
        row.Set(Node(isReady: false, -58) with { Labels = new([new("a", "b")]) }, At(6));
        Contact(row, 7).Should().Be(new NodeContact(Reachability.NodeNotReady, IsLost: true, ChangesAt: null));
    }

    [Fact]
    public void It_is_known_when_to_look_again()
    {
        var row = Row();
        row.Set(Node(isReady: false, 0), Start);
        Contact(row, 1).ChangesAt.Should().Be(At(5));
    }

    [Fact]
    public void A_node_without_an_agent_is_out_of_reach_and_one_of_two_agents_is_enough()
    {
        var row = new NodeRow("n");
        row.Set(Node(isReady: true, 0), Start);
        Contact(row, 0).Reachability.Should().Be(Reachability.AgentAbsent);
        row.SetPod(Pod("old", isReady: true), At(1));
        Contact(row, 1).IsReachable.Should().BeTrue();
        row.SetPod(Pod("new", isReady: false), At(2));
        Contact(row, 2).IsReachable.Should().BeTrue();
        row.SetPod(Pod("old", isReady: false), At(3));
        Contact(row, 3).Reachability.Should().Be(Reachability.AgentNotReady);
        Contact(row, 7).IsLost.Should().BeFalse();
        Contact(row, 8).IsLost.Should().BeTrue();
        row.SetPod(Pod("new", isReady: true), At(9));
        Contact(row, 9).IsReachable.Should().BeTrue();
        row.RemovePod(new ObjectKey("damon", "new"), At(10));
        row.RemovePod(new ObjectKey("damon", "old"), At(10));
        Contact(row, 10).Reachability.Should().Be(Reachability.AgentAbsent);
    }

    [Theory]
    [InlineData(3, 4, false)]
    [InlineData(3, 8, true)]
    [InlineData(null, 4, false)] // Nobody says when: since it was seen.
    [InlineData(null, 5, true)]
    [InlineData(60, 5, true)] // Written in the future.
    public void A_plan_without_an_echo_is_silent_after_five_minutes(int? plannedAt, int now, bool isSilent)
    {
        var row = Row();
        row.Set(Record(generation: 2, observed: 1, plannedAt), plannedAt is 3 ? At(3) : Start);
        row.Set(Record(generation: 2, observed: 1, plannedAt), plannedAt is 3 ? At(3.5) : At(0.5));
        Contact(row, now).Reachability.Should().Be(isSilent ? Reachability.Silent : Reachability.Reachable);
        row.Set(Record(generation: 2, observed: 2, plannedAt), At(now));
        Contact(row, now).Should().Be(new NodeContact(Reachability.Reachable, IsLost: false, ChangesAt: null));
    }

    private static NodeContact Contact(NodeRow row, double minutes) => NodeContact.Of(row, At(minutes), LostAfter);

    private static DateTimeOffset At(double minutes) => Start + TimeSpan.FromMinutes(minutes);

    private static NodeRow Row()
    {
        // What is set next is found, not seen to change: this was another Node.
        var row = new NodeRow("n");
        row.SetPod(Pod("agent", isReady: true), Start);
        row.Set(Node(isReady: true, -600) with { Uid = "before" }, Start);
        return row;
    }

    private static NodeFacts Node(bool isReady, double since) => new() { Name = "n", Uid = "u", Labels = NodeLabels.None, IsReady = isReady, ReadySince = At(since) };

    private static AgentPodFacts Pod(string name, bool isReady) => new() { Key = new("damon", name), Node = "n", IsReady = isReady, ReadySince = null };

    private static DamonNodeRecord Record(long generation, long observed, double? plannedAt) =>
        new() { Name = "n", Uid = "u", Generation = generation, ObservedGeneration = observed, PlannedAt = plannedAt is { } at ? At(at) : null };
}
