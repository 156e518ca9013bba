using System.Globalization;
using System.Text.RegularExpressions;
using Damon.Api.Clusters;
using Damon.Api.Manifests;
using Damon.Api.Nodes;
using Damon.Api.Schemes;
using Damon.Api.Units;
using Damon.Testing;

namespace Damon.Api.Tests.Crds;

/// <summary>The definitions admit what the readers accept: field by field, from what the readers themselves ask for.</summary>
public class CrdTests
{
    private const string DurationPattern =
        @"^([0-9]{1,3}(\.[0-9]{1,3})?h)?([0-9]{1,5}(\.[0-9]{1,3})?m)?([0-9]{1,7}(\.[0-9]{1,3})?s)?([0-9]{1,10}(\.[0-9]{1,3})?ms)?([0-9]{1,13}us)?$";

    private const string SharePattern = @"^(100(\.0{1,4})?|(0|[1-9][0-9]?)(\.[0-9]{1,4})?)%$";
    private const string PositiveSharePattern = @"^(100(\.0{1,4})?|[1-9][0-9]?(\.[0-9]{1,4})?|0\.([1-9][0-9]{0,3}|0[1-9][0-9]{0,2}|00[1-9][0-9]?|000[1-9]))%$";
    private const string SizePattern = @"^(0|[1-9][0-9]{0,18})(\.[0-9]{1,9})?(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$";

    private const string AnyDuration = "duration(self) <= duration('720h')";
    private const string PositiveDuration = $"duration(self) > duration('0s') && {AnyDuration}";

    private static readonly (string File, Func<IReadOnlyList<FieldShape>> Shapes)[] Definitions =
    [
        ("damonschemes.yaml", () => ManifestDecoder.ShapesOf((fields, _) => DamonSchemeDecoder.Spec(fields))),
        ("damonnodes.yaml", () => ManifestDecoder.ShapesOf((fields, decoder) => DamonNodeDecoder.Fields(fields, decoder))),
        ("damonclusterconfigs.yaml", () => ManifestDecoder.ShapesOf((fields, _) => DamonClusterConfigDecoder.Spec(fields))),
    ];

    public static TheoryData<string> Files => [.. Definitions.Select(definition => definition.File)];

    [Theory]
    [MemberData(nameof(Files))]
    public void A_definition_has_exactly_the_fields_that_the_reader_asks_for(string file) =>
        new CrdSchema(file).Fields("spec").Keys.Should().BeEquivalentTo(ShapesOf(file).Select(shape => shape.Path));

    [Theory]
    [MemberData(nameof(Files))]
    public void A_field_has_the_form_the_bounds_and_the_names_that_the_reader_accepts(string file)
    {
        var fields = new CrdSchema(file).Fields("spec");
        foreach (var shape in ShapesOf(file))
        {
            var (schema, isRequired) = fields[shape.Path];
            isRequired.Should().Be(shape.IsRequired, $"{shape.Path} must be given, or not");
            Describe(schema).Should().Be(Describe(shape), shape.Path);
        }
    }

    [Fact]
    public void The_readers_description_is_not_empty()
    {
        ShapesOf("damonschemes.yaml").Should().HaveCountGreaterThan(100).And.Contain(shape => shape.Path == "nodeSelector.matchExpressions[].operator" && shape.Names.Contains("NotIn"));
        ShapesOf("damonclusterconfigs.yaml").Should().Contain(shape => shape.Path == "safety.refaults.trips" && shape.Max == 100);
        ShapesOf("damonnodes.yaml").Should().Contain(shape => shape.Path == "schemes[].document" && shape.IsRequired);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Everything_is_bounded_and_described(string file)
    {
        var schema = new CrdSchema(file);
        foreach (var part in CrdSchema.At(schema.Document, "spec", "versions") is { } && file == "damonclusterconfigs.yaml" ? ["spec"] : new[] { "spec", "status" })
        {
            foreach (var (path, (field, _)) in schema.Fields(part))
            {
                var type = CrdSchema.Text(field, "type");
                var at = $"{part}.{path}";
                if (type == "string" && field.Find("enum") is null)
                    field.Find("maxLength").Should().NotBeNull(at);
                if (type == "array")
                {
                    field.Find("maxItems").Should().NotBeNull(at);
                    field.Find("x-kubernetes-list-type").Should().NotBeNull(at);
                }

                if (type == "integer")
                    field.Find("minimum").Should().NotBeNull(at);
                if (field.Find("additionalProperties") is not null)
                    field.Find("maxProperties").Should().NotBeNull(at);
                if (!path.EndsWith("[]", StringComparison.Ordinal) && !path.EndsWith(".*", StringComparison.Ordinal) && !path.StartsWith("conditions[].", StringComparison.Ordinal))
                    CrdSchema.Text(field, "description").Should().NotBeNullOrEmpty(at).And.EndWith(".", at);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_rule_has_a_message_and_no_rule_is_without_bounds(string file)
    {
        var text = RepositoryFiles.Text($"deploy/crds/{file}");
        Regex.Count(text, @"\brule: ", RegexOptions.None, TimeSpan.FromSeconds(1)).Should().Be(Regex.Count(text, @"\bmessage: ", RegexOptions.None, TimeSpan.FromSeconds(1)) - Regex.Count(text, @"\bmessage: \{type", RegexOptions.None, TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void What_the_definition_of_a_scheme_fills_in_is_what_the_reader_takes_by_default()
    {
        foreach (var spec in (string[])
        [
            "{target: {podSelector: {}}, action: {type: Stat}}",
            "{target: {podSelector: {}}, action: {type: Stat}, monitoring: {autoTune: {}, regions: {}}, quota: {weights: {}}, rollout: {canary: {}, haltOn: {}}, pattern: {age: {min: 2m}}}",
        ])
        {
            var given = Document(spec);
            var filled = CrdSchema.WithDefaults(new CrdSchema("damonschemes.yaml").Of("spec"), given);
            ((ManifestMapping)filled).Entries.Should().HaveCountGreaterThan(((ManifestMapping)given).Entries.Count);
            Decode(filled, DamonSchemeDecoder.Spec).Should().BeEquivalentTo(Decode(given, DamonSchemeDecoder.Spec));
        }
    }

    [Fact]
    public void What_the_definition_of_the_configuration_fills_in_is_what_the_reader_takes_by_default()
    {
        var filled = CrdSchema.WithDefaults(new CrdSchema("damonclusterconfigs.yaml").Of("spec"), Document("{}"));
        ((ManifestMapping)filled).Entries.Should().HaveCountGreaterThan(5);
        Decode(filled, DamonClusterConfigDecoder.Spec).Should().BeEquivalentTo(new DamonClusterConfigSpec());
    }

    // Every default that the reader has must be seen in the definition, too: kubectl shows what is in force.
    [Fact]
    public void Every_default_of_the_readers_is_in_a_definition()
    {
        foreach (var (file, defaults) in new[] { ("damonschemes.yaml", typeof(DamonSchemeDefaults)), ("damonclusterconfigs.yaml", typeof(DamonClusterConfigDefaults)) })
        {
            var shown = new CrdSchema(file).Fields("spec").Values.Count(field => field.Schema.Find("default")?.Value is ManifestScalar or ManifestSequence { Items.Count: > 0 });

            // The four starts of the intervals differ by backend, which a schema cannot say; paused, and the configuration's booleans, are false without a constant.
            var named = defaults.GetMembers().Count(member => member.MemberType is System.Reflection.MemberTypes.Property or System.Reflection.MemberTypes.Field && !member.Name.StartsWith("Kernel", StringComparison.Ordinal) && !member.Name.StartsWith("UserSpace", StringComparison.Ordinal));
            shown.Should().Be(named + (file == "damonschemes.yaml" ? 1 : 3));
        }
    }

    [Theory]
    [InlineData("damonclusterconfigs.yaml", "spec", "damonclusterconfig.md")]
    [InlineData("damonnodes.yaml", "spec", "damonnode.md")]
    [InlineData("damonnodes.yaml", "status", "damonnode.md")]
    public void The_reference_has_a_line_for_every_field_as_the_definition_has_it(string file, string part, string page)
    {
        var lines = RepositoryFiles.Text($"docs/reference/{page}").Split('\n');
        foreach (var (path, (schema, isRequired)) in new CrdSchema(file).Fields(part))
        {
            var isItem = path.EndsWith("[]", StringComparison.Ordinal);
            if ((isItem && schema.Find("enum") is null) || path.StartsWith("conditions[].", StringComparison.Ordinal))
                continue;
            var given = schema.Find("default")?.Value switch
            {
                ManifestScalar scalar => $"`{scalar.Text}`",
                ManifestSequence list => $"`[{string.Join(", ", list.Items.Select(item => ((ManifestScalar)item).Text))}]`",
                _ => isRequired ? "required" : CrdSchema.Text(schema, "type") == "object" ? "" : "absent",
            };
            lines.Should().Contain(isItem ? $"| `{path}` | {Describe(schema)} | | |" : $"| `{path}` | {Describe(schema)} | {given} | {CrdSchema.Text(schema, "description")} |");
        }
    }

    [Theory]
    [InlineData("5ms")]
    [InlineData("1h30m")]
    [InlineData("0.5s")]
    [InlineData("0s")]
    [InlineData("1h1m1s1ms1us")]
    [InlineData("2592000000000us")]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("2 minutes")]
    [InlineData("1 week")]
    [InlineData("-2m")]
    [InlineData("30m1h")]
    [InlineData("1d")]
    [InlineData("0.5us")]
    [InlineData("0.0001s")]
    [InlineData("s")]
    public void The_pattern_of_durations_agrees_with_the_reader(string text) =>
        (text.Length >= 2 && IsMatch(DurationPattern, text)).Should().Be(DurationValue.TryParse(text, out _, out _));

    [Theory]
    [InlineData("0%")]
    [InlineData("5%")]
    [InlineData("0.2%")]
    [InlineData("99.9999%")]
    [InlineData("100%")]
    [InlineData("100.0%")]
    [InlineData("0.0001%")]
    [InlineData("0.0000%")]
    [InlineData("0.1%")]
    [InlineData("0.01%")]
    [InlineData("0.010%")]
    [InlineData("10%")]
    [InlineData("100.0001%")]
    [InlineData("101%")]
    [InlineData("05%")]
    [InlineData(".5%")]
    [InlineData("5")]
    [InlineData("0.00001%")]
    [InlineData("5.%")]
    public void The_patterns_of_shares_agree_with_the_reader(string text)
    {
        var isShare = Percent.TryParse(text, out var share, out _);
        IsMatch(SharePattern, text).Should().Be(isShare);
        IsMatch(PositiveSharePattern, text).Should().Be(isShare && share.Millionths > 0);
    }

    [Theory]
    [InlineData("4096")]
    [InlineData("0")]
    [InlineData("64Mi")]
    [InlineData("0.5Gi")]
    [InlineData("1G")]
    [InlineData("1000m")]
    [InlineData("8MB")]
    [InlineData("1e3")]
    [InlineData("-1")]
    [InlineData("010Mi")]
    [InlineData("Mi")]
    [InlineData("12345678901234567890")]
    public void The_pattern_of_sizes_agrees_with_the_reader(string text) => IsMatch(SizePattern, text).Should().Be(Quantity.TryParse(text, out _, out _));

    [Theory]
    [InlineData("damonnodes.yaml", typeof(DamonNodeStatus), "")]
    [InlineData("damonnodes.yaml", typeof(NodeSchemeStatus), "schemes[]")]
    [InlineData("damonnodes.yaml", typeof(NodeCapability), "capabilities[]")]
    [InlineData("damonnodes.yaml", typeof(ObjectCondition), "conditions[]")]
    [InlineData("damonnodes.yaml", typeof(SchemeConflicts), "schemes[].conflicts")]
    [InlineData("damonnodes.yaml", typeof(SchemeEffect), "schemes[].effect")]
    [InlineData("damonschemes.yaml", typeof(ObjectCondition), "conditions[]")]
    [InlineData("damonschemes.yaml", typeof(SchemeEffect), "effect")]
    public void A_status_has_the_fields_of_its_type(string file, Type type, string path)
    {
        var prefix = path.Length == 0 ? "" : path + ".";
        var named = new CrdSchema(file).Fields("status").Keys.Where(field => field.StartsWith(prefix, StringComparison.Ordinal)).Select(field => field[prefix.Length..]).Where(field => field.IndexOfAny(['.', '[']) < 0);
        named.Should().BeEquivalentTo(type.GetProperties().Select(property => char.ToLowerInvariant(property.Name[0]) + property.Name[1..]));
    }

    [Fact]
    public void The_states_of_a_scheme_are_those_of_its_type_and_are_counted_one_by_one()
    {
        CrdSchema.Texts(new CrdSchema("damonnodes.yaml").Fields("status")["schemes[].state"].Schema, "enum").Should().Equal(Enum.GetNames<NodeSchemeState>());
        var counted = new CrdSchema("damonschemes.yaml").Fields("status").Keys.Where(field => field.StartsWith("nodes.", StringComparison.Ordinal)).Select(field => field["nodes.".Length..]);
        counted.Should().BeEquivalentTo([.. Enum.GetNames<NodeSchemeState>().Select(name => name.ToLowerInvariant()), "matched", "updated", "unreachable"]);
    }

    [Fact]
    public void Every_text_that_the_writer_cuts_fits()
    {
        var fields = new CrdSchema("damonnodes.yaml").Fields("status");
        CrdSchema.Text(fields["schemes[].message"].Schema, "maxLength").Should().Be(DamonNodeStatusWriter.MaxMessageLength.ToString(CultureInfo.InvariantCulture));
        CrdSchema.Text(fields["capabilities[].message"].Schema, "maxLength").Should().Be(DamonNodeStatusWriter.MaxMessageLength.ToString(CultureInfo.InvariantCulture));
        CrdSchema.Text(fields["conditions[].message"].Schema, "maxLength").Should().Be(DamonNodeStatusWriter.MaxConditionMessageLength.ToString(CultureInfo.InvariantCulture));
        CrdSchema.Text(fields["schemes"].Schema, "maxItems").Should().Be(DamonNodeReader.MaxSchemes.ToString(CultureInfo.InvariantCulture));
    }

    private static IReadOnlyList<FieldShape> ShapesOf(string file) => Array.Find(Definitions, definition => definition.File == file).Shapes();

    private static ManifestNode Document(string yaml) => ManifestReader.Read("x.yaml", yaml).Documents.Single();

    private static T Decode<T>(ManifestNode node, Func<ManifestFields, T> decode)
        where T : class
    {
        var decoder = new ManifestDecoder();
        var value = decoder.Value(node).Object(decode);
        decoder.Errors.Should().BeEmpty();
        return value!;
    }

    private static bool IsMatch(string pattern, string text) => Regex.IsMatch(text, pattern, RegexOptions.None, TimeSpan.FromSeconds(1));

    // What the reader accepts, in one line.
    private static string Describe(FieldShape shape) => shape.Kind switch
    {
        // A goal's target has its form from the metric beside it.
        FieldKind.Any => "number or text",
        FieldKind.Text => "text",
        FieldKind.Bool => "boolean",
        FieldKind.Integer => $"integer {shape.Min}..{(shape.Max == long.MaxValue ? "" : shape.Max)}",
        FieldKind.Size => $"size from {shape.Min}",
        FieldKind.Duration => shape.IsZeroAllowed ? "duration" : "duration above zero",
        FieldKind.Share => shape.IsZeroAllowed ? "share" : "share above zero",
        FieldKind.Timestamp => "time",
        FieldKind.Choice => $"one of {string.Join(' ', shape.Names.Order(StringComparer.Ordinal))}",
        FieldKind.Object => "object",
        FieldKind.List => $"list {shape.Min}..{shape.Max}",
        FieldKind.Map => $"map ..{shape.Max}",
        _ => shape.Kind.ToString(),
    };

    // The same of what the schema admits.
    private static string Describe(ManifestMapping schema)
    {
        var pattern = CrdSchema.Text(schema, "pattern");
        var rules = (schema.Find("x-kubernetes-validations")?.Value as ManifestSequence)?.Items.Select(rule => CrdSchema.Text((ManifestMapping)rule, "rule")!).ToList() ?? [];
        if (CrdSchema.Text(schema, "x-kubernetes-preserve-unknown-fields") == "true")
            return "kept as it is";
        if (CrdSchema.Text(schema, "x-kubernetes-int-or-string") == "true")
        {
            return pattern != SizePattern ? "number or text"
                : rules is [var rule] && rule.Contains("asInteger() > 0", StringComparison.Ordinal) ? "size from 1"
                : rules is [var any] && any.Contains("asInteger() >= 0", StringComparison.Ordinal) ? "size from 0"
                : "size without a rule";
        }

        if (schema.Find("enum") is not null)
            return $"one of {string.Join(' ', CrdSchema.Texts(schema, "enum").Order(StringComparer.Ordinal))}";
        return (CrdSchema.Text(schema, "type"), pattern) switch
        {
            ("string", DurationPattern) when rules is [PositiveDuration] && CrdSchema.Text(schema, "minLength") == "2" => "duration above zero",
            ("string", DurationPattern) when rules is [AnyDuration] && CrdSchema.Text(schema, "minLength") == "2" => "duration",
            ("string", SharePattern) => "share",
            ("string", PositiveSharePattern) => "share above zero",
            ("string", _) when CrdSchema.Text(schema, "format") == "date-time" => "time",
            ("string", _) => "text",
            ("boolean", _) => "boolean",
            ("integer", _) => $"integer {CrdSchema.Text(schema, "minimum")}..{CrdSchema.Text(schema, "maximum")}",
            ("array", _) => $"list {CrdSchema.Text(schema, "minItems") ?? "0"}..{CrdSchema.Text(schema, "maxItems")}",
            ("object", _) when schema.Find("additionalProperties") is not null => $"map ..{CrdSchema.Text(schema, "maxProperties")}",
            (var type, _) => type ?? "nothing",
        };
    }
}
