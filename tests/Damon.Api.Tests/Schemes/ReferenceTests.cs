using System.Collections;
using System.Reflection;
using System.Text.RegularExpressions;
using Damon.Api.Schemes;
using Damon.Testing;

namespace Damon.Api.Tests.Schemes;

public class ReferenceTests
{
    private static readonly string Reference = RepositoryFiles.Text("docs/reference/damonscheme.md");

    // The sections of the reference whose tables describe a type; everything nested in a section's type is written with its path.
    private static readonly (string Section, Type Type)[] Sections =
    [
        ("## spec", typeof(DamonSchemeSpec)), ("### target", typeof(TargetSpec)), ("### Selectors", typeof(LabelSelector)), ("### monitoring", typeof(MonitoringSpec)),
        ("### pattern", typeof(PatternSpec)), ("### action", typeof(ActionSpec)), ("### quota", typeof(QuotaSpec)), ("### watermarks", typeof(WatermarkSpec)),
        ("### filters", typeof(FilterSpec)), ("### rollout", typeof(RolloutSpec)),
    ];

    [Fact]
    public void Every_field_has_a_line_with_form_default_bound_and_meaning()
    {
        foreach (var (section, type) in Sections)
        {
            var rows = Rows(section);
            var prefix = type == typeof(FilterSpec) ? "filters[]." : "";
            foreach (var field in type == typeof(DamonSchemeSpec) ? Names(type) : Leaves(type, prefix))
            {
                var row = rows.Should().ContainSingle(r => Cells(r)[0].Contains($"`{field}`", StringComparison.Ordinal), $"{section} describes {field}").Subject;
                var cells = Cells(row);
                cells.Should().HaveCount(5);
                cells[1].Should().NotBeEmpty($"{field} has a form");
                cells[2].Should().NotBeEmpty($"{field} has a default or says that it has none");
                cells[4].Should().NotBeEmpty($"{field} has a meaning");
            }
        }
    }

    [Fact]
    public void The_reference_names_no_field_that_does_not_exist()
    {
        foreach (var (section, type) in Sections)
        {
            var prefix = type == typeof(FilterSpec) ? "filters[]." : "";
            var fields = type == typeof(DamonSchemeSpec) ? Names(type) : [.. Leaves(type, prefix), .. Leaves(type, prefix).Select(leaf => leaf.Split('.')[0].Split("[]")[0])];
            var named = Rows(section).Where(row => Cells(row).Count == 5).SelectMany(row => Regex.Matches(Cells(row)[0], "`(?<name>[^`]+)`", RegexOptions.None, TimeSpan.FromSeconds(1)).Select(m => m.Groups["name"].Value));
            named.Should().NotBeEmpty().And.BeSubsetOf(fields, section);
        }
    }

    [Fact]
    public void Every_name_of_every_enumeration_is_in_the_reference()
    {
        foreach (var type in typeof(DamonScheme).Assembly.GetTypes().Where(type => type is { IsEnum: true, IsPublic: true, Namespace: "Damon.Api.Schemes" }))
        {
            foreach (var name in Enum.GetNames(type))
                Reference.Should().Contain($"`{name}`", $"{type.Name} has it");
        }
    }

    [Theory]
    [InlineData("### monitoring", "updateInterval", nameof(DamonSchemeDefaults.UpdateInterval))]
    [InlineData("### monitoring", "regions.min", nameof(DamonSchemeDefaults.MinRegions))]
    [InlineData("### monitoring", "regions.max", nameof(DamonSchemeDefaults.MaxRegions))]
    [InlineData("### monitoring", "sampleInterval", nameof(DamonSchemeDefaults.KernelSampleInterval))]
    [InlineData("### monitoring", "sampleInterval", nameof(DamonSchemeDefaults.UserSpaceSampleInterval))]
    [InlineData("### monitoring", "aggregationInterval", nameof(DamonSchemeDefaults.KernelAggregationInterval))]
    [InlineData("### monitoring", "aggregationInterval", nameof(DamonSchemeDefaults.UserSpaceAggregationInterval))]
    [InlineData("### monitoring", "autoTune.accessRatio", nameof(DamonSchemeDefaults.AutoTuneAccessRatio))]
    [InlineData("### monitoring", "autoTune.aggregations", nameof(DamonSchemeDefaults.AutoTuneAggregations))]
    [InlineData("### monitoring", "autoTune.minSampleInterval", nameof(DamonSchemeDefaults.AutoTuneMinSampleInterval))]
    [InlineData("### monitoring", "autoTune.maxSampleInterval", nameof(DamonSchemeDefaults.AutoTuneMaxSampleInterval))]
    [InlineData("### quota", "interval", nameof(DamonSchemeDefaults.QuotaInterval))]
    [InlineData("### quota", "weights.accessRate", nameof(DamonSchemeDefaults.AccessRateWeight))]
    [InlineData("### quota", "weights.age", nameof(DamonSchemeDefaults.AgeWeight))]
    [InlineData("### quota", "tuner", nameof(DamonSchemeDefaults.Tuner))]
    [InlineData("### rollout", "canary.percent", nameof(DamonSchemeDefaults.CanaryPercent))]
    [InlineData("### rollout", "canary.soak", nameof(DamonSchemeDefaults.CanarySoak))]
    [InlineData("### rollout", "steps", nameof(DamonSchemeDefaults.RolloutSteps))]
    [InlineData("### rollout", "maxConcurrentNodes", nameof(DamonSchemeDefaults.MaxConcurrentNodes))]
    [InlineData("### rollout", "haltOn.degraded", nameof(DamonSchemeDefaults.HaltOnDegraded))]
    [InlineData("### rollout", "haltOn.safetyTrips", nameof(DamonSchemeDefaults.HaltOnSafetyTrips))]
    [InlineData("### rollout", "onHalt", nameof(DamonSchemeDefaults.OnHalt))]
    [InlineData("### target", "kind", nameof(DamonSchemeDefaults.TargetKind))]
    [InlineData("### target", "qosClasses", nameof(DamonSchemeDefaults.QosClasses))]
    [InlineData("## spec", "mode", nameof(DamonSchemeDefaults.Mode))]
    [InlineData("## spec", "priority", nameof(DamonSchemeDefaults.Priority))]
    [InlineData("## spec", "backend", nameof(DamonSchemeDefaults.Backend))]
    public void The_default_in_the_reference_is_the_one_in_force(string section, string field, string member)
    {
        var value = typeof(DamonSchemeDefaults).GetMember(member, BindingFlags.Public | BindingFlags.Static).Single() switch
        {
            PropertyInfo property => property.GetValue(null)!,
            MemberInfo constant => ((FieldInfo)constant).GetValue(null)!,
        };
        var shown = Cells(Rows(section).Single(row => Cells(row)[0] == $"`{field}`"))[2];
        foreach (var one in value is IEnumerable many and not string ? many.Cast<object>() : [value])
            Regex.IsMatch(shown, $@"(?<![\w.]){Regex.Escape(one.ToString()!)}(?!\w)", RegexOptions.None, TimeSpan.FromSeconds(1)).Should().BeTrue($"{field} is {one} by default, not {shown}");
    }

    private static List<string> Rows(string section)
    {
        var lines = Reference.Split('\n');
        var start = Array.IndexOf(lines, section);
        start.Should().BeGreaterThanOrEqualTo(0, section);
        return [.. lines.Skip(start + 1).TakeWhile(line => !line.StartsWith('#')).Where(line => line.StartsWith("| `", StringComparison.Ordinal))];
    }

    private static List<string> Cells(string row) => [.. row.Trim('|').Split('|').Select(cell => cell.Trim())];

    private static List<string> Names(Type type) => [.. type.GetProperties().Where(IsField).Select(property => Camel(property.Name))];

    private static List<string> Leaves(Type type, string prefix)
    {
        var leaves = new List<string>();
        foreach (var property in type.GetProperties().Where(IsField))
        {
            var path = prefix + Camel(property.Name);
            var inner = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            var isList = inner.IsGenericType && inner.GetGenericTypeDefinition() == typeof(IReadOnlyList<>);
            var item = isList ? inner.GetGenericArguments()[0] : inner;
            var isNested = item is { IsClass: true } && item.Namespace == typeof(DamonScheme).Namespace && item != typeof(LabelSelector) && item != typeof(GoalTarget);
            if (!isNested || isList)
                leaves.Add(path);
            if (isNested)
                leaves.AddRange(Leaves(item, isList ? path + "[]." : path + "."));
        }

        return leaves;
    }

    // What can be set is a field; the rest is derived.
    private static bool IsField(PropertyInfo property) => property.CanWrite;

    private static string Camel(string name) => char.ToLowerInvariant(name[0]) + name[1..];
}
