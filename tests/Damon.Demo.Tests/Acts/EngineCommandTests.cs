using Damon.Demo.Acts;
using Damon.Engine.Machine;

namespace Damon.Demo.Tests.Acts;

public class EngineCommandTests
{
    private static readonly EngineCommand Command = new(MonitoringBackend.Referenced, "Observe", 42, TimeSpan.FromSeconds(12), AcceptsUnmeasurableRails: false);

    [Fact]
    public void Backend_mode_process_and_time_are_named() =>
        string.Join(' ', Command.Arguments).Should()
            .StartWith("run -f deploy/samples/reclaim-cold.yaml --backend Referenced --mode Observe --set ")
            .And.EndWith(" --pid 42 --duration 12000ms --start-grace 1s --accept ForeignKdamond -o json");

    [Fact]
    public void A_rail_is_waived_only_where_it_cannot_be_measured()
    {
        Command.Arguments.Should().NotContain("RailUnmeasurable");
        (Command with { AcceptsUnmeasurableRails = true }).Arguments.Should().ContainInOrder("--accept", "RailUnmeasurable");
    }

    [Theory]
    [InlineData("""{"auto":{"backend":"IdlePage","reason":"Available","message":"It is there."}}""", "damonctl doctor would choose backend IdlePage here. It is there.")]
    [InlineData("{\n  \"auto\": {\n    \"backend\": null,\n    \"message\": \"Nothing.\"\n  }\n}", "damonctl doctor would choose no backend here by itself. Nothing.")]
    [InlineData("", null)]
    [InlineData("{}", null)]
    [InlineData("""{"auto":{"backend":"IdlePage"}}""", null)]
    [InlineData("Required command was not provided.", null)]
    public void The_doctor_is_quoted_where_it_answers(string output, string? sentence) => MachineAct.Answer(output).Should().Be(sentence);
}
