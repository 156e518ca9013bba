using System.Text;
using Damon.Api.Nodes;

namespace Damon.Api.Tests.Nodes;

public class DamonNodeStatusWriterTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 23, 13, 0, 0, 500, TimeSpan.FromHours(1));

    [Fact]
    public void A_status_is_written_in_one_order_with_whole_seconds_and_without_what_is_absent()
    {
        var status = new DamonNodeStatus
        {
            ObservedGeneration = 7,
            AgentVersion = "0.1.0",
            Schemes = [new() { Name = "a", State = NodeSchemeState.Backoff, Reason = "Pressure", Since = Noon, Targets = 3, Conflicts = new() { Containers = 1, Winner = "b" }, Effect = new() { ColdBytes = 4096 }, Trips = 2 }],
            Conditions = [new() { Type = "Ready", Status = "True", Reason = "Applied", LastTransitionTime = Noon }],
        };
        Encoding.UTF8.GetString(DamonNodeStatusWriter.Write(status)).Should().Be(
            """{"observedGeneration":7,"agentVersion":"0.1.0","capabilities":[],"schemes":[{"name":"a","state":"Backoff","reason":"Pressure","since":"2026-11-23T12:00:00Z","targets":3,"conflicts":{"containers":1,"winner":"b"},"effect":{"coldBytes":4096,"advisedBytes":0,"awayBytes":0},"trips":2}],"conditions":[{"type":"Ready","status":"True","lastTransitionTime":"2026-11-23T12:00:00Z","reason":"Applied"}]}""");
    }

    [Fact]
    public void What_is_applied_names_the_object()
    {
        Encoding.UTF8.GetString(DamonNodeStatusWriter.WriteApply("n1", new())).Should().Be(
            """{"apiVersion":"damon.dev/v1alpha1","kind":"DamonNode","metadata":{"name":"n1"},"status":{"capabilities":[],"schemes":[],"conditions":[]}}""");
    }

    [Fact]
    public void What_was_written_is_read_again()
    {
        var status = new DamonNodeStatus { Kernel = "6.12", Schemes = [new() { Name = "a", State = NodeSchemeState.Unsupported, Since = Noon.AddMilliseconds(-500) }] };
        DamonNodeStatusWriter.Read(DamonNodeStatusWriter.Write(status)).Should().BeEquivalentTo(status);
        DamonNodeStatusWriter.Read("{\"future\":1,\"kernel\":\"x\"}"u8)!.Kernel.Should().Be("x");
        DamonNodeStatusWriter.Read("{"u8).Should().BeNull();
    }

    [Theory]
    [InlineData(512, 512)]
    [InlineData(513, 512)]
    public void A_long_message_is_cut_to_what_is_admitted(int length, int kept)
    {
        var status = new DamonNodeStatus { Schemes = [new() { Name = "a", State = NodeSchemeState.Degraded, Since = Noon, Message = new string('x', length) }] };
        DamonNodeStatusWriter.Read(DamonNodeStatusWriter.Write(status))!.Schemes[0].Message!.Length.Should().Be(kept);
    }

    [Fact]
    public void A_message_is_not_cut_through_a_character()
    {
        var status = new DamonNodeStatus { Schemes = [new() { Name = "a", State = NodeSchemeState.Degraded, Since = Noon, Message = new string('x', 511) + "😀" }] };
        DamonNodeStatusWriter.Read(DamonNodeStatusWriter.Write(status))!.Schemes[0].Message!.Length.Should().Be(511);
    }
}
