using System.Text;
using System.Text.Json;
using CsCheck;
using Damon.Api.Clusters;
using Damon.Api.Nodes;
using Damon.Operator.Json;
using Damon.Operator.Nodes;

namespace Damon.Operator.Tests.Nodes;

public class ReadersTests
{
    private const string DamonNode = """
        {"apiVersion":"damon.dev/v1alpha1","kind":"DamonNode",
         "metadata":{"name":"n1","uid":"u1","resourceVersion":"77","generation":4,"managedFields":[{"manager":"x","fieldsV1":{"f:spec":{}}}],
           "annotations":{"damon.dev/planned":"{\"at\":\"2026-11-01T12:00:00Z\",\"trips\":{\"a\":3}}","other":"x"},
           "ownerReferences":[{"apiVersion":"v1","kind":"Node","name":"n1","uid":"node-1"}]},
         "spec":{"mode":"Enforce","schemes":[
           {"name":"a","hash":"v1-e","document":"{\"uid\":\"ua\",\"generation\":2,\"rank\":1,\"createdAt\":\"2026-10-01T00:00:00Z\",\"spec\":{\"mode\":\"Enforce\",\"action\":{\"type\":\"Pageout\"}}}"},
           {"name":"b","hash":"v2-op","document":"{\"uid\":\"ub\",\"generation\":9,\"rank\":2,\"createdAt\":\"2026-10-02T00:00:00Z\",\"spec\":{\"paused\":true,\"mode\":\"Observe\",\"action\":{\"type\":\"Stat\"},\"newField\":[1,2]}}"}]},
         "status":{"observedGeneration":3,"agentVersion":"1.2.3","kernel":"6.12.0",
           "capabilities":[{"name":"backend/Kernel","available":false,"reason":"Busy","message":"m"},{"name":"action/Pageout","available":true}],
           "schemes":[{"name":"a","appliedHash":"v1-e","state":"Backoff","reason":"Pressure","message":"not kept","since":"2026-11-01T11:00:00Z","targets":7,
             "conflicts":{"containers":2,"winner":"b"},"effect":{"coldBytes":10,"advisedBytes":20,"awayBytes":30},"trips":5},
             {"name":"b","state":"Degraded","reason":"BackendLost","message":"kept","since":"2026-11-01T11:00:00Z"}],
           "conditions":[{"type":"Ready","status":"True","reason":"x","lastTransitionTime":"2026-11-01T11:00:00Z"}]}}
        """;

    [Fact]
    public void A_DamonNode_is_read_as_it_stands()
    {
        var record = Read(DamonNode);
        (record.Name, record.Uid, record.Generation, record.OwnerUid, record.IsEchoed).Should().Be(("n1", "u1", 4L, "node-1", false));
        (record.PlannedAt, record.TripsBefore["a"]).Should().Be((new DateTimeOffset(2026, 11, 1, 12, 0, 0, TimeSpan.Zero), 3L));
        record.Entries.Select(entry => (entry.Name, entry.Uid, entry.Generation, entry.Hash, entry.Rank, entry.Acts, entry.AdmittedTo, Encoding.UTF8.GetString(entry.Text.Utf8.Span))).Should().Equal(
            ("a", "ua", 2L, "v1-e", 1, true, "v1", """{"action":{"type":"Pageout"},"mode":"Enforce"}"""),
            ("b", "ub", 9L, "v2-op", 2, false, null, """{"action":{"type":"Stat"},"mode":"Observe","newField":[1,2],"paused":true}"""));
        record.Statuses.Should().Equal(
            new NodeSchemeRecord
            {
                Name = "a",
                AppliedHash = "v1-e",
                State = NodeSchemeState.Backoff,
                Reason = "Pressure",
                Message = "",
                Since = new(2026, 11, 1, 11, 0, 0, TimeSpan.Zero),
                Targets = 7,
                ConflictContainers = 2,
                ConflictWinner = "b",
                ColdBytes = 10,
                AdvisedBytes = 20,
                AwayBytes = 30,
                Trips = 5,
            },
            new NodeSchemeRecord
            {
                Name = "b",
                AppliedHash = "",
                State = NodeSchemeState.Degraded,
                Reason = "BackendLost",
                Message = "kept",
                Since = new(2026, 11, 1, 11, 0, 0, TimeSpan.Zero),
                ConflictWinner = "",
            });
    }

    [Fact]
    public void Nodes_share_what_is_the_same()
    {
        var reader = new DamonNodeRecordReader(new TextPool());
        var one = reader.Read(Encoding.UTF8.GetBytes(DamonNode));
        var other = reader.Read(Encoding.UTF8.GetBytes(DamonNode.Replace("\"n1\"", "\"n2\"", StringComparison.Ordinal).Replace("\\\"rank\\\":2", "\\\"rank\\\":3", StringComparison.Ordinal)));
        other.Entries[0].Should().BeSameAs(one.Entries[0]);
        other.Entries[1].Should().NotBeSameAs(one.Entries[1]);
        other.Entries[1].Text.Should().BeSameAs(one.Entries[1].Text);
        other.Capabilities.Should().BeSameAs(one.Capabilities);
        other.Statuses[0].Reason.Should().BeSameAs(one.Statuses[0].Reason);
    }

    [Theory]
    [InlineData("\\\"rank\\\":1", "\\\"rank\\\":\\\"1\\\"")]
    [InlineData("\"hash\":\"v1-e\",\"document\"", "\"document\"")]
    [InlineData("\\\"createdAt\\\":\\\"2026-10-01T00:00:00Z\\\"", "\\\"createdAt\\\":\\\"yesterday\\\"")]
    [InlineData("\\\"spec\\\":{\\\"mode\\\":\\\"Enforce\\\",\\\"action\\\":{\\\"type\\\":\\\"Pageout\\\"}}", "\\\"spec\\\":[]")]
    [InlineData("\\\"uid\\\":\\\"ua\\\",", "")]
    [InlineData("\"document\":\"{\\\"uid\\\":\\\"ua", "\"document\":\"\\\"uid\\\":\\\"ua")]
    [InlineData("Pageout", "\\ud800")]
    [InlineData("\\\"generation\\\":2", "\\\"generation\\\":0")]
    [InlineData("\\\"generation\\\":2,", "")]
    [InlineData("\\\"generation\\\":2", "\\\"generation\\\":\\\"2\\\"")]
    [InlineData("\\\"rank\\\":1", "\\\"rank\\\":1,\\\"rank\\\":1")]
    [InlineData("\\\"rank\\\":1", "\\\"rank\\\":1,\\\"weight\\\":1")]
    [InlineData("\\\"generation\\\":2", "\\\"rank\\\":1")]
    [InlineData("\\\"createdAt\\\":\\\"2026-10-01T00:00:00Z\\\"", "\\\"createdAt\\\":\\\"2026-10-01\\\"")]
    [InlineData("}}}\"},", "}}} x\"},")]
    [InlineData("}}}\"},", "}}} {}\"},")]
    [InlineData("\"document\":\"{\\\"uid\\\":\\\"ua", "\"document\":7,\"x\":\"{\\\"uid\\\":\\\"ua")]
    public void A_plan_with_an_entry_that_cannot_be_read_is_nobodys_and_the_rest_is_read(string part, string instead)
    {
        var record = Read(DamonNode.Replace(part, instead, StringComparison.Ordinal));
        record.PlanDigest.Should().Be(default(Digest));
        record.Entries.Should().ContainSingle().Which.Name.Should().Be("b");
    }

    [Theory]
    [InlineData("\"observedGeneration\":3", "\"observedGeneration\":\"3\"")]
    [InlineData("\"state\":\"Backoff\"", "\"state\":\"Dancing\"")]
    [InlineData("\"conflicts\":{\"containers\":2,\"winner\":\"b\"}", "\"conflicts\":7")]
    [InlineData("\"effect\":{\"coldBytes\":10,\"advisedBytes\":20,\"awayBytes\":30}", "\"effect\":{\"coldBytes\":-10,\"advisedBytes\":99999999999999999999}")]
    [InlineData("\"targets\":7", "\"targets\":99999999999")]
    [InlineData("\\\"at\\\":\\\"2026", "\\\"at\\\":{{{")]
    [InlineData("\"capabilities\":[", "\"capabilities\":[1,[],{},")]
    public void A_field_that_is_wrong_costs_itself_alone(string part, string instead)
    {
        DamonNode.Should().Contain(part);
        var record = Read(DamonNode.Replace(part, instead, StringComparison.Ordinal));
        record.Entries.Should().HaveCount(2);
        record.Statuses.Should().HaveCount(2);
        record.Statuses[0].ColdBytes.Should().BeGreaterThanOrEqualTo(0);
    }

    [Fact]
    public void A_state_that_is_not_known_is_degraded_because_nothing_good_can_be_said_of_it() =>
        Read(DamonNode.Replace("\"Backoff\"", "\"Dancing\"", StringComparison.Ordinal)).Statuses[0].State.Should().Be(NodeSchemeState.Degraded);

    [Fact]
    public void Whatever_is_cut_or_changed_is_read_or_refused_as_no_JSON()
    {
        var bytes = Encoding.UTF8.GetBytes(DamonNode);
        Gen.Select(Gen.Int[0, bytes.Length - 1], Gen.Byte, Gen.Bool).Sample((at, value, isCut) =>
        {
            var changed = isCut ? bytes[..at] : [.. bytes];
            if (!isCut)
                changed[at] = value;
            try
            {
                Read(Encoding.Latin1.GetString(changed), Encoding.Latin1);
            }
            catch (JsonException)
            {
                // No JSON any more, or no name.
            }
        });
    }

    [Fact]
    public void Of_a_Node_only_what_matters_is_read_so_that_heartbeats_are_no_change()
    {
        const string Node = """
            {"metadata":{"name":"n1","uid":"u1","labels":{"b":"2","damon.dev/paused":"true","a":"1"}},"spec":{"podCIDR":"10.0.0.0/24"},
             "status":{"images":[{"names":["x"]}],"conditions":[
               {"type":"MemoryPressure","status":"False","lastHeartbeatTime":"2026-11-01T12:00:00Z","lastTransitionTime":"2026-11-01T10:00:00Z"},
               {"type":"Ready","status":"True","lastHeartbeatTime":"2026-11-01T12:00:00Z","lastTransitionTime":"2026-11-01T11:00:00Z"}]}}
            """;
        var reader = new NodeFactsReader(new TextPool());
        var facts = reader.Read(Encoding.UTF8.GetBytes(Node));
        (facts.Name, facts.Uid, facts.IsReady, facts.ReadySince, facts.IsPaused, facts.Labels.Find("a"), facts.Labels.Find("c"), facts.Labels.Count)
            .Should().Be(("n1", "u1", true, new DateTimeOffset(2026, 11, 1, 11, 0, 0, TimeSpan.Zero), true, "1", null, 3));
        reader.Read(Encoding.UTF8.GetBytes(Node.Replace("\"lastHeartbeatTime\":\"2026-11-01T12:00:00Z\"", "\"lastHeartbeatTime\":\"2026-11-01T12:05:00Z\"", StringComparison.Ordinal))).Should().Be(facts);
        reader.Read(Encoding.UTF8.GetBytes(Node.Replace("\"b\":\"2\"", "\"b\":\"3\"", StringComparison.Ordinal))).Should().NotBe(facts);
    }

    [Theory]
    [InlineData("""{"metadata":{"name":"n"},"status":{"conditions":[{"type":"Ready","status":"Unknown"}]}}""")]
    [InlineData("""{"metadata":{"name":"n"},"status":{"conditions":[]}}""")]
    [InlineData("""{"metadata":{"name":"n"},"status":[]}""")]
    [InlineData("""{"metadata":{"name":"n"}}""")]
    public void What_is_not_known_to_be_ready_is_not(string json)
    {
        new NodeFactsReader(new TextPool()).Read(Encoding.UTF8.GetBytes(json)).IsReady.Should().BeFalse();
        new AgentPodReader(new TextPool()).Read(Encoding.UTF8.GetBytes(json)).IsReady.Should().BeFalse();
    }

    [Theory]
    [InlineData("", true)]
    [InlineData(""","deletionTimestamp":"2026-11-01T12:30:00Z" """, false)]
    public void An_agents_pod_that_is_being_deleted_is_not_ready(string deletion, bool isReady)
    {
        var pod = new AgentPodReader(new TextPool()).Read(Encoding.UTF8.GetBytes(
            """{"metadata":{"namespace":"damon","name":"agent-x"DELETION},"spec":{"containers":[{"name":"agent"}],"nodeName":"n1"},"status":{"conditions":[{"type":"Ready","status":"True"}]}}"""
                .Replace("DELETION", deletion, StringComparison.Ordinal)));
        (pod.Key.ToString(), pod.Node, pod.IsReady).Should().Be(("damon/agent-x", "n1", isReady));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"metadata":{"name":""}}""")]
    [InlineData("""{"metadata":{"name":"a"}""")]
    public void What_is_no_object_with_a_name_is_an_exception(string json)
    {
        var utf8 = Encoding.UTF8.GetBytes(json);
        FluentActions.Invoking(() => new NodeFactsReader(new TextPool()).Read(utf8)).Should().Throw<JsonException>();
        FluentActions.Invoking(() => new AgentPodReader(new TextPool()).Read(utf8)).Should().Throw<JsonException>();
        FluentActions.Invoking(() => new DamonNodeRecordReader(new TextPool()).Read(utf8)).Should().Throw<JsonException>();
        FluentActions.Invoking(() => Damon.Operator.Schemes.SchemeObjectReader.Read(utf8)).Should().Throw<JsonException>();
    }

    private static DamonNodeRecord Read(string json, Encoding? encoding = null) => new DamonNodeRecordReader(new TextPool()).Read((encoding ?? Encoding.UTF8).GetBytes(json));
}
