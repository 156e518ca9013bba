using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CsCheck;
using Damon.Api.Nodes;
using Damon.Api.Tests.Crds;
using Damon.Operator.Rollouts;
using Damon.Operator.Schemes;
using Damon.Operator.Statuses;
using Damon.Testing;

namespace Damon.Operator.Tests.Statuses;

public class SchemeStatusTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly SchemeStatus Full = new()
    {
        ObservedGeneration = 4,
        Hash = "v-e",
        Nodes = new() { Updated = 2, Pending = 1, Paused = 2, Observing = 3, Active = 4, Backoff = 5, Stopped = 6, Degraded = 7, Unsupported = 8, Unreachable = 9 },
        Effect = new(10, 20, 30),
        Rollout = new()
        {
            Hash = "v-e",
            Phase = RolloutPhase.Stepping,
            Step = 2,
            Since = Now,
            Resumed = "17",
            ForgivenTrips = 3,
            Former = new(new("u", new(Acts: true, IsPaused: false)), 3, VersionText.Read("""{"action":{"type":"Cold"},"mode":"Enforce"}"""u8.ToArray())),
        },
        Failures = [new("n1", "BackendLost", "m"), new("n2", "Silent", "")],
        FailuresTruncated = true,
        Conditions = [new() { Type = "Ready", Status = "False", Reason = "Stepping", Message = "m", ObservedGeneration = 4, LastTransitionTime = Now }],
    };

    [Fact]
    public void What_is_written_is_read_again()
    {
        var read = SchemeStatusReader.Read(SchemeStatusWriter.Write(Full));
        SchemeStatusWriter.Write(read).Should().Equal(SchemeStatusWriter.Write(Full));
        read.Nodes.Should().Be(Full.Nodes);
        read.Rollout!.Former!.Text.Digest.Should().Be(Full.Rollout!.Former!.Text.Digest);
        (read.Rollout with { Former = null }).Should().Be(Full.Rollout with { Former = null });
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("7")]
    [InlineData("{}")]
    [InlineData("""{"rollout":{"phase":"Dancing","hash":"v-e","since":"2026-11-01T12:00:00Z"},"conditions":7,"failures":{},"nodes":[],"effect":1}""")]
    [InlineData("""{"rollout":{"phase":"Done","hash":"v-e"}}""")]
    public void A_rollout_that_cannot_be_read_is_none(string json) => SchemeStatusReader.Read(Encoding.UTF8.GetBytes(json)).Rollout.Should().BeNull();

    [Theory]
    [InlineData("""{"hash":"u-e","generation":1,"spec":{"mode":"Observe"}}""")] // Not something to go back to.
    [InlineData("""{"hash":"u","generation":1,"spec":{"mode":"Enforce"}}""")]
    [InlineData("""{"hash":"u-e","generation":1,"spec":[]}""")]
    [InlineData("7")]
    public void A_former_version_that_does_not_act_is_none(string former) => SchemeStatusReader.Read(Encoding.UTF8.GetBytes(
        $"{{\"rollout\":{{\"phase\":\"Done\",\"hash\":\"v-e\",\"since\":\"2026-11-01T12:00:00Z\",\"former\":{former}}}}}")).Rollout.Should().Match<RolloutState>(rollout => rollout.Former == null);

    [Fact]
    public void The_definition_has_every_field_that_is_written_and_no_other()
    {
        var schema = new CrdSchema("damonschemes.yaml").Fields("status");
        var written = new HashSet<string>(StringComparer.Ordinal);
        Walk(JsonNode.Parse(SchemeStatusWriter.Write(Full))!, "", written);
        written.Where(field => !field.StartsWith("rollout.former.spec.", StringComparison.Ordinal)).Should().BeEquivalentTo(schema.Keys);
    }

    [Fact]
    public void The_definition_and_the_reference_name_every_phase_and_every_field_of_a_rollout()
    {
        var fields = new CrdSchema("damonschemes.yaml").Fields("status");
        var reference = RepositoryFiles.Text("docs/reference/conditions.md");
        foreach (var phase in Enum.GetNames<RolloutPhase>())
        {
            CrdSchema.Text(fields["rollout.phase"].Schema, "description").Should().Contain(phase);
            reference.Should().Contain($"`{phase}`");
            RepositoryFiles.Text("docs/operator.md").Should().Contain($"`{phase}`");
        }

        foreach (var field in fields.Keys.Where(field => Regex.IsMatch(field, "^(rollout|nodes)\\.[a-zA-Z]+$", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1))))
            reference.Should().Contain($"`{field.Split('.')[1]}`");
    }

    [Fact]
    public void The_reference_lists_every_reason_and_condition_and_no_other()
    {
        var reference = RepositoryFiles.Text("docs/reference/conditions.md");
        var listed = Regex.Matches(reference[reference.IndexOf("## Reasons", StringComparison.Ordinal)..reference.IndexOf("## status.rollout", StringComparison.Ordinal)], "^\\| `(?<name>\\w+)` \\|", RegexOptions.Multiline, TimeSpan.FromSeconds(1))
            .Select(match => match.Groups["name"].Value);
        listed.Should().BeEquivalentTo(typeof(Reasons).GetFields().Select(field => (string)field.GetValue(null)!));
        foreach (var type in typeof(ConditionTypes).GetFields().Select(field => (string)field.GetValue(null)!))
            reference.Should().Contain($"| `{type}` |");
    }

    [Fact]
    public void Texts_are_cut_to_what_the_definition_takes() => Gen.Select(Gen.Int[0, 3000], Gen.Bool).Sample((length, isPair) =>
    {
        var text = isPair ? string.Concat(Enumerable.Repeat("😀", length / 2)) : new string('x', length);
        var status = SchemeStatusReader.Read(SchemeStatusWriter.Write(Full with
        {
            Failures = [new("n", text, text)],
            Conditions = [new() { Type = "Ready", Status = "True", Reason = text, Message = text, LastTransitionTime = Now }],
        }));
        status.Failures[0].Reason.Length.Should().BeLessThanOrEqualTo(64);
        status.Failures[0].Message.Length.Should().BeLessThanOrEqualTo(512);
        status.Conditions[0].Message!.Length.Should().BeLessThanOrEqualTo(1024);
        text.Should().StartWith(status.Conditions[0].Message);
    });

    [Fact]
    public void Counts_add_up_whatever_they_are() => Gen.Int[0, 10_000].Array[9].Sample(n =>
        new NodeCounts { Pending = n[0], Paused = n[1], Observing = n[2], Active = n[3], Backoff = n[4], Stopped = n[5], Degraded = n[6], Unsupported = n[7], Unreachable = n[8] }.Matched.Should().Be(n.Sum()));

    private static void Walk(JsonNode node, string path, HashSet<string> fields)
    {
        foreach (var (name, value) in node as JsonObject ?? [])
        {
            var at = path.Length == 0 ? name : $"{path}.{name}";
            fields.Add(at);
            if (value is not null)
                Walk(value, at, fields);
        }

        foreach (var item in node as JsonArray ?? [])
        {
            fields.Add(path + "[]");
            Walk(item!, path + "[]", fields);
        }
    }
}
