using System.Text;
using Damon.Api.Schemes;
using Damon.Operator.Schemes;
using Damon.Operator.Statuses;
using Damon.Operator.Tests.Simulation;

namespace Damon.Operator.Tests.Schemes;

public class SchemeObjectReaderTests
{
    [Fact]
    public void A_scheme_is_read_as_the_server_has_it()
    {
        var scheme = Read(SimulatedRun.Enforce, """
            "name":"a.team","uid":"u1","resourceVersion":"5","generation":3,"creationTimestamp":"2026-10-01T00:00:00Z","deletionTimestamp":"2026-11-01T00:00:00Z",
            "finalizers":["x/y","damon.dev/undo"],"annotations":{"damon.dev/resume":"17","kubectl.kubernetes.io/last-applied-configuration":"{}"},"managedFields":[{"manager":"kubectl"}]
            """);
        (scheme.Name, scheme.Uid, scheme.ResourceVersion, scheme.Generation, scheme.ResumeRequest, scheme.HasFinalizer, scheme.Refusal).Should().Be(("a.team", "u1", "5", 3L, "17", true, ""));
        (scheme.CreatedAt, scheme.DeletedAt).Should().Be((new DateTimeOffset(2026, 10, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero)));
        scheme.Spec!.Mode.Should().Be(SchemeMode.Enforce);
        scheme.Status.Should().BeSameAs(SchemeStatus.None);
        Encoding.UTF8.GetString(scheme.TextIn(new(Acts: true, IsPaused: false)).Utf8.Span).Should().Be("""{"action":{"type":"Pageout"},"mode":"Enforce","quota":{"size":"64Mi"},"target":{"all":true,"podSelector":{}}}""");
        Encoding.UTF8.GetString(scheme.TextIn(new(Acts: false, IsPaused: true)).Utf8.Span).Should().Be("""{"action":{"type":"Pageout"},"mode":"Observe","paused":true,"quota":{"size":"64Mi"},"target":{"all":true,"podSelector":{}}}""");
    }

    [Theory]
    [InlineData("\"mode\":\"Observe\"")]
    [InlineData("\"paused\":true")]
    [InlineData("\"priority\":7")]
    [InlineData("\"nodeSelector\":{\"matchLabels\":{\"a\":\"b\"}}")]
    [InlineData("\"rollout\":{\"onHalt\":\"Revert\"}")]
    public void A_version_is_what_nodes_carry_out(string setting) => Read(SimulatedRun.Spec(setting)).Version.Should().Be(Read(SimulatedRun.Enforce).Version);

    [Theory]
    [InlineData("\"quota\":{\"size\":\"65Mi\"}")]
    [InlineData("\"expiresAfter\":\"5h\"")]
    [InlineData("\"backend\":\"Kernel\"")]
    [InlineData("\"pattern\":{\"age\":{\"min\":\"2m\"}}")]
    [InlineData("\"target\":{\"podSelector\":{},\"all\":true,\"containers\":[\"c\"]}")]
    public void What_they_carry_out_is_another_version(string setting) => Read(SimulatedRun.Spec(setting)).Version.Should().NotBe(Read(SimulatedRun.Enforce).Version);

    [Fact]
    public void Two_schemes_that_say_the_same_have_versions_of_their_own() =>
        Read(SimulatedRun.Enforce, "\"name\":\"a\",\"uid\":\"u1\"").Version.Should().NotBe(Read(SimulatedRun.Enforce, "\"name\":\"a\",\"uid\":\"u2\"").Version);

    [Theory]
    [InlineData("""{"mode":"Enforce","target":{"podSelector":{}},"action":{"type":"Pageout"},"quota":{"size":"64Mi"}}""", Reasons.Invalid, "spec.target: selects every pod")]
    [InlineData("""{"target":{"podSelector":{}},"action":{"type":"Pageout"},"colour":"red"}""", Reasons.OperatorTooOld, "colour")]
    [InlineData("""{"target":{"podSelector":{}},"action":{"type":"Dance"}}""", Reasons.OperatorTooOld, "spec.action.type")]
    [InlineData("""[]""", Reasons.Invalid, "spec")]
    [InlineData("""null""", Reasons.Invalid, "spec")]
    [InlineData("""{"target":{"podSelector":{"matchLabels":{"a":"\ud800"}}},"action":{"type":"Pageout"}}""", Reasons.Invalid, "half of a character")]
    public void What_cannot_be_carried_out_is_refused_with_the_field(string spec, string reason, string part)
    {
        var scheme = Read(spec);
        (scheme.Spec, scheme.Text, scheme.Version, scheme.Refusal).Should().Be((null, null, "", reason));
        scheme.RefusalMessage.Should().Contain(part);
    }

    [Fact]
    public void A_scheme_that_fits_into_no_plan_is_refused_and_its_text_not_kept()
    {
        // Two selectors as large as the definition takes them.
        var values = string.Join(',', Enumerable.Range(0, 16).Select(i => $"\"{i:00}{new string('x', 61)}\""));
        var selector = $"{{\"matchExpressions\":[{string.Join(',', Enumerable.Range(0, 16).Select(i => $"{{\"key\":\"k{i}\",\"operator\":\"In\",\"values\":[{values}]}}"))}]}}";
        var scheme = Read(SimulatedRun.Spec($"\"target\":{{\"podSelector\":{selector},\"namespaceSelector\":{selector}}}"));
        (scheme.Refusal, scheme.Text, scheme.Spec).Should().Be((Reasons.TooLarge, null, null));
    }

    [Fact]
    public void A_long_resume_request_is_one_all_the_same()
    {
        var one = Read(SimulatedRun.Enforce, $"\"name\":\"a\",\"annotations\":{{\"damon.dev/resume\":\"{new string('x', 5000)}1\"}}").ResumeRequest;
        var other = Read(SimulatedRun.Enforce, $"\"name\":\"a\",\"annotations\":{{\"damon.dev/resume\":\"{new string('x', 5000)}2\"}}").ResumeRequest;
        one.Length.Should().BeLessThanOrEqualTo(64);
        one.Should().NotBe(other);
    }

    private static SchemeObject Read(string spec, string metadata = "\"name\":\"a\",\"uid\":\"u\"") =>
        SchemeObjectReader.Read(Encoding.UTF8.GetBytes($"{{\"apiVersion\":\"damon.dev/v1alpha1\",\"kind\":\"DamonScheme\",\"metadata\":{{{metadata}}},\"spec\":{spec}}}"));
}
