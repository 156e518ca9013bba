using System.Globalization;
using Damon.Api.Manifests;
using Damon.Api.Units;

namespace Damon.Patterns;

/// <summary>Reads a workload pattern from YAML or JSON, strictly and with all errors at once. The format is described in docs/reference/workload-patterns.md.</summary>
public static class WorkloadPatternReader
{
    private const int MaxRegions = 256;
    private const int MaxPhases = 256;
    private const int MaxNameLength = 63;
    private const int MaxDescriptionLength = 500;
    private const double MaxWeight = 1_000_000;
    private const decimal MaxAccessesPerSecond = 1_000_000_000_000m;

    private static readonly Quantity SmallestRegion = Quantity.Parse("4Ki");
    private static readonly Quantity LargestRegion = Quantity.Parse("4Ti");
    private static readonly Quantity SmallestStride = Quantity.Parse("8");
    private static readonly Quantity DefaultStride = Quantity.Parse("4Ki");

    /// <summary>Reads a file's text.</summary>
    /// <param name="file">The name shown in errors; see <see cref="ManifestReader"/> for what its ending decides.</param>
    /// <param name="text">The file: one pattern.</param>
    /// <returns>The pattern or the errors.</returns>
    public static WorkloadPatternReadResult Read(string file, string text) => Decode(file, ManifestReader.Read(file, text));

    /// <summary>Reads a file's bytes.</summary>
    /// <param name="file">The name shown in errors; see <see cref="ManifestReader"/> for what its ending decides.</param>
    /// <param name="utf8">The file: one pattern.</param>
    /// <returns>The pattern or the errors.</returns>
    public static WorkloadPatternReadResult Read(string file, ReadOnlySpan<byte> utf8) => Decode(file, ManifestReader.Read(file, utf8));

    private static WorkloadPatternReadResult Decode(string file, ManifestReadResult manifest)
    {
        if (manifest.Errors.Count > 0)
            return new(null, manifest.Errors);
        var decoder = new ManifestDecoder();
        if (manifest.Documents.Count == 0)
            decoder.Report(new(file, 0, 0), "", "the file is empty; write a pattern");
        if (manifest.Documents.Count > 1)
            decoder.Report(manifest.Documents[1].At, "", "a second document starts here; write one pattern to a file");
        var pattern = manifest.Documents.Count == 1 ? decoder.Value(manifest.Documents[0]).Object(Pattern) : null;
        return decoder.HasErrors ? new(null, decoder.Errors) : new(pattern, []);
    }

    private static WorkloadPattern Pattern(ManifestFields fields)
    {
        var name = Name(fields.Require("name"), "a pattern", []);
        var descriptionValue = fields.Find("description");
        var description = descriptionValue?.Text() ?? "";
        if (description.Length > MaxDescriptionLength)
            descriptionValue!.Report($"is {description.Length} characters long; write at most {MaxDescriptionLength}");
        var simulation = fields.Find("simulation")?.Object(Simulation) ?? SimulationSettings.Default;

        var regions = new List<PatternRegion>();
        var regionNames = new List<string>();
        foreach (var item in fields.Require("regions")?.Items(MaxRegions, min: 1) ?? [])
        {
            if (item.Object(f => Region(f, regionNames)) is { } region)
                regions.Add(region);
        }

        var areRegionsSound = fields.IsSound("regions");
        var phases = new List<PatternPhase>();
        var phaseNames = new List<string>();
        var repeatedPhase = "";
        var phasesValue = fields.Require("phases");
        foreach (var item in phasesValue?.Items(MaxPhases, min: 1) ?? [])
        {
            if (item.Object(f => Phase(f, phaseNames, areRegionsSound ? regions : null)) is not { } phase)
                continue;
            phases.Add(phase);
            if (!phase.Once && repeatedPhase.Length == 0)
                repeatedPhase = phase.Name;
            else if (phase.Once && repeatedPhase.Length > 0)
                item.Report($"is marked once but comes after {QuotedText.Of(repeatedPhase)}, which is repeated; put the phases marked once in front");
        }

        if (phases.Count > 0 && fields.IsSound("phases") && phases.TrueForAll(phase => phase.Once))
            phasesValue!.Report("are all marked once, so nothing is left to repeat; leave at least one unmarked");
        return new(name, description, regions, phases, simulation);
    }

    private static SimulationSettings Simulation(ManifestFields fields)
    {
        var byDefault = SimulationSettings.Default;
        var accesses = fields.Find("accessesPerSecond") is { } value ? Rate(value) : null;
        var noise = fields.Find("noise")?.Object(f =>
        {
            var shareValue = f.Find("share");
            var share = shareValue?.Share();
            if (share is { Millionths: 1_000_000 })
                shareValue!.Report($"is {share}; write a percent below 100%");
            return new SimulationSettings(1, share?.Share ?? byDefault.NoiseShare, f.Find("per")?.Duration()?.ToTimeSpan() ?? byDefault.NoisePer);
        }) ?? byDefault;
        return noise with { AccessesPerSecond = accesses ?? byDefault.AccessesPerSecond };
    }

    private static double? Rate(ManifestValue value)
    {
        var text = value.Node is ManifestScalar { Kind: not (ManifestScalarKind.Bool or ManifestScalarKind.Null) } scalar ? scalar.Text : "";
        var factor = text.EndsWith('K') ? 1_000m : text.EndsWith('M') ? 1_000_000m : text.EndsWith('G') ? 1_000_000_000m : 1m;
        var digits = factor == 1m ? text : text[..^1];

        // Sixteen digits keep the product inside what a decimal holds exactly.
        if (digits.Length is > 0 and <= 16
            && char.IsAsciiDigit(digits[0])
            && char.IsAsciiDigit(digits[^1])
            && decimal.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            && number * factor is >= 1 and <= MaxAccessesPerSecond
            && decimal.IsInteger(number * factor))
            return (double)(number * factor);
        value.Report($"{(text.Length > 0 ? QuotedText.Of(text) : "this")} is not a number of accesses; write a whole number from 1 to 1000G such as 20M or 2500000");
        return null;
    }

    private static PatternRegion Region(ManifestFields fields, List<string> names)
    {
        var name = Name(fields.Require("name"), "a region", names);
        var size = fields.Require("size")?.Size(SmallestRegion, LargestRegion) ?? SmallestRegion;
        return new(name, size.Bytes, fields.Find("backing")?.Choice<RegionBacking>() ?? RegionBacking.Anonymous);
    }

    private static PatternPhase Phase(ManifestFields fields, List<string> names, List<PatternRegion>? regions)
    {
        var name = Name(fields.Require("name"), "a phase", names);
        var duration = fields.Require("duration")?.Duration() ?? default;
        var once = fields.Find("once")?.Bool() ?? false;
        var accesses = new List<PatternAccess>();
        foreach (var item in fields.Require("access")?.Items(MaxRegions) ?? [])
        {
            if (item.Object(f => Access(f, regions)) is not { } access)
                continue;
            if (access.Region.Length > 0 && accesses.Exists(other => other.Region == access.Region))
                item.Report($"the region {QuotedText.Of(access.Region)} stands twice in this phase; leave one out");
            accesses.Add(access);
        }

        return new(name, duration.ToTimeSpan(), once, accesses);
    }

    // No regions: the list of them is in error, and so nothing is said about their names.
    private static PatternAccess Access(ManifestFields fields, List<PatternRegion>? regions)
    {
        var regionValue = fields.Require("region");
        var name = regionValue?.Text() ?? "";
        var region = regions?.Find(candidate => candidate.Name == name);
        if (name.Length > 0 && regions is not null && region is null)
            regionValue!.Report($"{QuotedText.Of(name)} is not a region; known are {string.Join(", ", regions.Select(known => known.Name))}");
        var weight = fields.Find("weight")?.PositiveNumber(MaxWeight) ?? 1;
        var strideValue = fields.Find("stride");
        var stride = strideValue?.Size(SmallestStride) ?? DefaultStride;
        if (region is not null && stride.Bytes > region.SizeBytes && strideValue is not null)
            strideValue.Report($"is {stride}, more than the region {QuotedText.Of(name)} is large; write a stride of at most {Quantity.FromBytes(region.SizeBytes)}");
        return new(
            name,
            weight,
            stride.Bytes,
            fields.Find("order")?.Choice<AccessOrder>() ?? AccessOrder.Sequential,
            fields.Find("mode")?.Choice<AccessMode>() ?? AccessMode.Read,
            fields.Find("window")?.Object(f => new AccessWindow(f.Require("share")?.Share(zeroAllowed: false)?.Share ?? 1, f.Find("speed")?.Share()?.Share ?? 0)));
    }

    private static string Name(ManifestValue? value, string owner, List<string> taken)
    {
        if (value?.Text() is not { } name)
            return "";
        if (name.Length is 0 or > MaxNameLength || !IsEnd(name[0]) || !IsEnd(name[^1]) || !name.All(c => IsEnd(c) || c == '-'))
            value.Report(
                $"{QuotedText.Of(name)} is not a name for {owner}; write at most {MaxNameLength} lower-case letters, digits and hyphens, with a letter or digit at both ends");
        else if (taken.Contains(name))
            value.Report($"{QuotedText.Of(name)} is the name of {owner} before; write a name of its own");
        taken.Add(name);
        return name;

        static bool IsEnd(char c) => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c);
    }
}
