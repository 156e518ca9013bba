using Damon.Api.Manifests;
using Damon.Api.Schemes;

namespace Damon.Api.Tests.Manifests;

public class ManifestOverrideTests
{
    private const string Text = """
        apiVersion: damon.dev/v1alpha1
        kind: DamonScheme
        metadata: {name: x}
        spec:
          target: {podSelector: {}}
          action: {type: Pageout}
          pattern: {age: {min: 2m}}
          filters:
          - {type: Anonymous, matching: true, allow: false}
        """;

    [Fact]
    public void An_override_takes_the_place_of_the_files_value() => Read("pattern.age.min=4s").Schemes[0].Spec.Pattern!.Age!.Min.ToString().Should().Be("4s");

    [Fact]
    public void An_override_makes_the_mappings_on_its_way() => Read("quota.perPod.size=1Mi").Schemes[0].Spec.Quota.PerPod!.Size.Bytes.Should().Be(1024 * 1024);

    [Fact]
    public void An_override_reaches_into_a_list() => Read("filters[0].allow=true").Schemes[0].Spec.Filters[0].Allow.Should().BeTrue();

    [Fact]
    public void An_override_of_null_takes_the_field_out() => Read("pattern.age.min=null").Schemes[0].Spec.Pattern!.Age!.Min.Should().BeNull();

    [Fact]
    public void A_value_may_be_a_list_or_a_mapping() => Read("filters=[{type: Young, matching: true, allow: false}]").Schemes[0].Spec.Filters[0].Type.Should().Be(FilterType.Young);

    [Fact]
    public void The_last_override_wins() => Read("priority=1", "priority=2").Schemes[0].Spec.Priority.Should().Be(2);

    [Fact]
    public void An_override_heals_what_is_wrong_in_the_file() =>
        DamonSchemeReader.Read("s.yaml", Text.Replace("2m", "2 m", StringComparison.Ordinal), [Parse("pattern.age.min=2m")]).Errors.Should().BeEmpty();

    [Theory]
    [InlineData("pattern.age.min=4", "--set pattern.age.min: spec.pattern.age.min: \"4\" is a duration without a unit; write a number and a unit such as 5ms or 1h30m")]
    [InlineData("patern.age.min=4s", "--set patern.age.min: spec.patern: the field \"patern\" is not known; known are mode, paused, priority, nodeSelector, target, backend, monitoring, pattern, action, applyInterval, quota, watermarks, filters, safety, rollout, expiresAfter")]
    [InlineData("filters[1].allow=true", "--set filters[1].allow: spec.filters[1]: the list has 1 items only; set one that is there, or the whole list")]
    [InlineData("quota.goals[0].target=1", "--set quota.goals[0].target: spec.quota.goals[0]: there is no list here; set the whole list")]
    [InlineData("action.type.name=x", "--set action.type.name: spec.action.type.name: cannot be set, because spec.action.type is the text \"Pageout\"; set a field of a mapping")]
    [InlineData("paused=\"true\"", "--set paused: spec.paused: is the text \"true\"; write true or false, without quotes")]
    public void Errors_of_an_override_are_located_at_the_option(string setting, string error)
    {
        var result = Read(setting);
        result.Schemes.Should().BeEmpty();
        result.Errors.Select(e => e.ToString()).Should().Equal(error);
    }

    [Theory]
    [InlineData("", "--set : \"\" is not a setting; write path=value such as pattern.age.min=4s")]
    [InlineData("mode", "--set mode: \"mode\" is not a setting; write path=value such as pattern.age.min=4s")]
    [InlineData("=Observe", "--set : \"=Observe\" is not a setting; write path=value such as pattern.age.min=4s")]
    [InlineData("a..b=1", "--set a..b: \"a..b=1\" is not a setting; write path=value such as pattern.age.min=4s")]
    [InlineData("a[x]=1", "--set a[x]: \"a[x]=1\" is not a setting; write path=value such as pattern.age.min=4s")]
    [InlineData("a[0]b=1", "--set a[0]b: \"a[0]b=1\" is not a setting; write path=value such as pattern.age.min=4s")]
    [InlineData("mode=", "--set mode: \"mode=\" sets nothing; write path=value, or path=null to take the field out")]
    [InlineData("filters=[", "--set filters: not valid YAML: While parsing a node, did not find expected node content")]
    public void What_is_not_a_setting_is_refused(string text, string message)
    {
        ManifestOverride.TryParse(text, out _, out var error).Should().BeFalse();
        error!.ToString().Should().Be(message);
    }

    private static DamonSchemeReadResult Read(params string[] settings) => DamonSchemeReader.Read("s.yaml", Text, [.. settings.Select(Parse)]);

    private static ManifestOverride Parse(string text) => ManifestOverride.TryParse(text, out var value, out var error) ? value : throw new FormatException(error.ToString());
}
