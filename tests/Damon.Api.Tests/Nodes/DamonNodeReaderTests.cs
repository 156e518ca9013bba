using System.Text;
using CsCheck;
using Damon.Api.Clusters;
using Damon.Api.Manifests;
using Damon.Api.Nodes;
using Damon.Api.Schemes;
using Damon.Testing;

namespace Damon.Api.Tests.Nodes;

public class DamonNodeReaderTests
{
    private const string Good = """{"action":{"type":"Pageout"},"target":{"podSelector":{}},"pattern":{"age":{"min":"2m"}}}""";

    [Fact]
    public void A_plan_is_read_as_the_server_gives_it()
    {
        var node = Read(Plan(Scheme("cold", Good))).Node!;
        (node.Name, node.Uid, node.Generation, node.Spec.Mode).Should().Be(("n1", "u-1", 7L, ClusterMode.Enforce));
        var scheme = node.Spec.Schemes.Should().ContainSingle().Subject;
        (scheme.Name, scheme.Uid, scheme.Generation, scheme.Hash, scheme.Rank).Should().Be(("cold", "u-cold", 3L, "h-cold", 1));
        scheme.CreatedAt.Should().Be(new DateTimeOffset(2026, 11, 23, 4, 0, 0, TimeSpan.Zero));
        scheme.Spec!.Action.Type.Should().Be(ActionType.Pageout);
        scheme.Spec.Monitoring.UpdateInterval.ToString().Should().Be("60s");
        (scheme.Errors.Count, node.Spec.Unknown.Count).Should().Be((0, 0));
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData(",\"echoAfterSeconds\":50", 50)]
    [InlineData(",\"echoAfterSeconds\":120", 120)]
    public void A_plan_says_how_long_its_echo_waits(string field, int seconds) =>
        Read(Plan(Scheme("a", Good)).Replace("\"mode\":\"Enforce\",\"schemes\"", $"\"mode\":\"Enforce\"{field},\"schemes\"", StringComparison.Ordinal)).Node!.Spec.EchoAfterSeconds.Should().Be(seconds);

    // What stands in one scheme; the kind of error it is.
    [Theory]
    [InlineData("""{"action":{"type":"Stat"},"target":{"podSelector":{}},"future":1}""", ManifestErrorKind.UnknownField, "spec.schemes[1].document.spec.future")]
    [InlineData("""{"action":{"type":"Stat"},"target":{"podSelector":{},"zone":"a"}}""", ManifestErrorKind.UnknownField, "spec.schemes[1].document.spec.target.zone")]
    [InlineData("""{"action":{"type":"Compress"},"target":{"podSelector":{}}}""", ManifestErrorKind.UnknownValue, "spec.schemes[1].document.spec.action.type")]
    [InlineData("""{"mode":"Dream","action":{"type":"Stat"},"target":{"podSelector":{}}}""", ManifestErrorKind.UnknownValue, "spec.schemes[1].document.spec.mode")]
    [InlineData("""{"mode":5,"action":{"type":"Stat"},"target":{"podSelector":{}}}""", ManifestErrorKind.Invalid, "spec.schemes[1].document.spec.mode")]
    [InlineData("""{"action":{"type":"Stat"},"target":{"podSelector":{}},"priority":-1}""", ManifestErrorKind.Invalid, "spec.schemes[1].document.spec.priority")]
    [InlineData("""{"target":{"podSelector":{}}}""", ManifestErrorKind.Invalid, "spec.schemes[1].document.spec.action")]
    [InlineData("[]", ManifestErrorKind.Invalid, "spec.schemes[1].document.spec")]
    public void An_error_in_one_scheme_stays_with_it(string spec, ManifestErrorKind kind, string path)
    {
        var schemes = Read(Plan(Scheme("a", Good), Scheme("b", spec), Scheme("c", Good))).Node!.Spec.Schemes;
        schemes.Select(scheme => scheme.Spec is not null).Should().Equal(true, false, true);
        schemes[1].Errors.Should().ContainSingle().Which.Should().Match<ManifestError>(error => error.Kind == kind && error.FieldPath == path && error.Line == 1 && error.Column > 0);
        schemes[1].Hash.Should().Be("h-b");
    }

    [Fact]
    public void An_unknown_field_beside_a_scheme_is_that_schemes()
    {
        var b = Planned("b", Good);
        foreach (var entry in new[] { b.Json.Replace("\"hash\"", "\"weight\":1,\"hash\"", StringComparison.Ordinal), b.JsonOf(b.Document.Replace("\"rank\"", "\"weight\":1,\"rank\"", StringComparison.Ordinal)) })
        {
            var schemes = Read(Plan(Scheme("a", Good), entry)).Node!.Spec.Schemes;
            schemes[0].Errors.Should().BeEmpty();
            schemes[1].Errors.Should().ContainSingle().Which.Should().Match<ManifestError>(error => error.Kind == ManifestErrorKind.UnknownField && error.FieldPath.EndsWith(".weight"));
        }
    }

    [Theory]
    [InlineData("\"mode\":\"Enforce\"", "\"mode\":\"Enforce\",\"window\":\"night\"")]
    [InlineData("\"mode\":\"Enforce\"", "\"mode\":\"Maximise\"")]
    public void What_is_unknown_beside_the_schemes_concerns_all_of_them(string known, string unknown)
    {
        var spec = Read(Plan(Scheme("a", Good)).Replace(known, unknown, StringComparison.Ordinal)).Node!.Spec;
        spec.Unknown.Should().ContainSingle();
        spec.Schemes.Should().ContainSingle();
    }

    [Theory]
    [InlineData("\"mode\":\"Enforce\",", "", "spec.mode")]
    [InlineData("\"mode\":\"Enforce\"", "\"mode\":1", "spec.mode")]
    [InlineData("\"name\":\"a\"", "\"name\":\"A/..\"", "spec.schemes[0].name")]
    [InlineData("\"hash\":\"h-a\"", "\"hash\":\"\"", "spec.schemes[0].hash")]
    [InlineData("\"mode\":\"Enforce\"", "\"mode\":\"Enforce\",\"echoAfterSeconds\":121", "spec.echoAfterSeconds")]
    [InlineData("\"mode\":\"Enforce\"", "\"mode\":\"Enforce\",\"echoAfterSeconds\":-1", "spec.echoAfterSeconds")]
    [InlineData("\"document\":\"", "\"document\":\"[]\",\"x\":\"", "spec.schemes[0].document")]
    [InlineData("\"kind\":\"DamonNode\"", "\"kind\":\"DamonScheme\"", "kind")]
    [InlineData("\"schemes\":[", "\"schemes\":{},\"x\":[", "spec.schemes")]
    public void A_plan_that_cannot_name_its_schemes_is_no_plan(string from, string to, string path)
    {
        var result = Read(Plan(Scheme("a", Good)).Replace(from, to, StringComparison.Ordinal));
        result.Node.Should().BeNull();
        result.Errors.Select(error => error.FieldPath).Should().Contain(path);
    }

    [Theory]
    [InlineData(",\"uid\":\"u-a\"", "", "spec.schemes[0].document.uid")]
    [InlineData("\"rank\":1", "\"rank\":0", "spec.schemes[0].document.rank")]
    [InlineData("\"rank\":1", "\"rank\":1,\"rank\":2", "spec.schemes[0].document")]
    [InlineData("\"createdAt\":\"2026-11-23T04:00:00Z\"", "\"createdAt\":\"yesterday\"", "spec.schemes[0].document.createdAt")]
    [InlineData("\"generation\":3,", "", "spec.schemes[0].document.generation")]
    [InlineData("\"uid\":\"u-a\"}", "", "spec.schemes[0].document")]
    public void A_document_that_cannot_tell_schemes_apart_makes_no_plan(string from, string to, string path)
    {
        var scheme = Planned("a", Good);
        var result = Read(Plan(scheme.JsonOf(scheme.Document.Replace(from, to, StringComparison.Ordinal))));
        result.Node.Should().BeNull();
        result.Errors.Select(error => error.FieldPath).Should().Contain(path);
    }

    // What a document is; what is said of it.
    [Theory]
    [InlineData("", "not valid JSON")]
    [InlineData("null", "holds nothing")]
    [InlineData("mode: Enforce", "not valid JSON")]
    [InlineData("{\u0000}", "the character U+0000 is not allowed")]
    [InlineData("{} {}", "not valid JSON")]
    public void A_document_that_is_no_object_is_named_with_what_it_is(string document, string message) =>
        Read(Plan(Planned("a", Good).JsonOf(document))).Errors.Should().ContainSingle().Which.ToString().Should().Contain("spec.schemes[0].document").And.Contain(message);

    [Fact]
    public void A_document_longer_than_an_object_may_be_is_not_read()
    {
        var scheme = Planned("a", Good);
        var padding = DamonNodeReader.MaxDocumentLength - scheme.Document.Length;
        Read(Plan(scheme.JsonOf(scheme.Document + new string(' ', padding)))).Node.Should().NotBeNull();
        Read(Plan(scheme.JsonOf(scheme.Document + new string(' ', padding + 1)))).Errors.Should().ContainSingle().Which.Message.Should().Contain("32769 characters; 32768 are accepted");
    }

    [Fact]
    public void A_scheme_that_stands_twice_makes_no_plan() => Read(Plan(Scheme("a", Good), Scheme("a", Good))).Node.Should().BeNull();

    [Fact]
    public void Seventeen_schemes_are_no_plan()
    {
        Read(Plan([.. Enumerable.Range(0, 16).Select(i => Scheme($"s{i}", Good))])).Node!.Spec.Schemes.Should().HaveCount(16);
        Read(Plan([.. Enumerable.Range(0, 17).Select(i => Scheme($"s{i}", Good))])).Node.Should().BeNull();
    }

    [Fact]
    public void A_plan_without_schemes_is_a_plan() => Read(Plan()).Node!.Spec.Schemes.Should().BeEmpty();

    [Fact]
    public void Any_bytes_are_answered_with_a_plan_or_errors()
    {
        var good = Encoding.UTF8.GetBytes(Plan(Scheme("a", Good), Scheme("b", Good)));
        for (var length = 0; length < good.Length; length++)
            IsAnswered(good[..length]).Should().BeTrue();
        Gen.Select(Gen.Int[0, 5000], Gen.Byte).Array[1, 5].Sample(changes =>
        {
            var bytes = good.ToArray();
            foreach (var (at, value) in changes)
                bytes[at % bytes.Length] = value;
            return IsAnswered(bytes);
        }, iter: 3000);
        Gen.Byte.Array[0, 200].Sample(IsAnswered, iter: 2000);
    }

    internal static string Plan(params string[] schemes) =>
        $$$"""{"apiVersion":"damon.dev/v1alpha1","kind":"DamonNode","metadata":{"name":"n1","uid":"u-1","generation":7,"resourceVersion":"99","managedFields":[{"manager":"x"}]},"spec":{"mode":"Enforce","schemes":[{{{string.Join(',', schemes)}}}]},"status":{"anything":[1]}}""";

    internal static string Scheme(string name, string spec) => Planned(name, spec).Json;

    private static PlanEntry Planned(string name, string spec) => new(name, spec) { Generation = 3, CreatedAt = "2026-11-23T04:00:00Z" };

    private static DamonNodeReadResult Read(string json) => DamonNodeReader.Read("node.json", Encoding.UTF8.GetBytes(json));

    private static bool IsAnswered(byte[] bytes)
    {
        var result = DamonNodeReader.Read("node.json", bytes);
        return (result.Node is null) == (result.Errors.Count > 0) && (result.Node?.Spec.Schemes.All(scheme => (scheme.Spec is null) == (scheme.Errors.Count > 0)) ?? true);
    }
}
