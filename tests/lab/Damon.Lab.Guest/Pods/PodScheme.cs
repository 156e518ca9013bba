using System.Text;

namespace Damon.Lab.Guest.Pods;

/// <summary>A scheme of pods as people write it, with times short enough for a test.</summary>
/// <param name="Action">What is done, by the format's name for it.</param>
internal sealed record PodScheme(string Action)
{
    public string Mode { get; init; } = "Enforce";

    /// <summary>The least share of looks that saw an access.</summary>
    public string MinRate { get; init; } = "0%";

    /// <summary>The largest share of looks that saw an access.</summary>
    public string MaxRate { get; init; } = "0%";

    public string MinAge { get; init; } = "2s";

    public string QuotaSize { get; init; } = "256Mi";

    /// <summary>Of each pod; nothing for no limit of its own.</summary>
    public string? QuotaPerPod { get; init; }

    /// <summary>In YAML's flow style; nothing for none.</summary>
    public string? Watermarks { get; init; }

    /// <summary>Shortest time between two looks; half of the time that the kernel's backend may take at the most.</summary>
    public string SampleInterval { get; init; } = "10ms";

    public string AggregationInterval { get; init; } = "200ms";

    /// <summary>The document.</summary>
    public string ToYaml()
    {
        var yaml = new StringBuilder();
        yaml.AppendLine("apiVersion: damon.dev/v1alpha1");
        yaml.AppendLine("kind: DamonScheme");
        yaml.AppendLine("metadata: {name: lab}");
        yaml.AppendLine("spec:");
        yaml.AppendLine($"  mode: {Mode}");
        yaml.AppendLine("  target: {kind: Pods, all: true, podSelector: {}}");
        // Intervals that hold still: whatever a kernel can tune, every kernel looks alike.
        yaml.AppendLine($"  monitoring: {{sampleInterval: {SampleInterval}, aggregationInterval: {AggregationInterval}, autoTune: {{minSampleInterval: {SampleInterval}, maxSampleInterval: {SampleInterval}}}}}");
        yaml.AppendLine($"  pattern: {{accessRate: {{min: \"{MinRate}\", max: \"{MaxRate}\"}}, age: {{min: {MinAge}}}}}");
        yaml.AppendLine($"  action: {{type: {Action}}}");
        yaml.AppendLine("  applyInterval: 1s");
        yaml.AppendLine($"  quota: {{size: {QuotaSize}, interval: 1s{(QuotaPerPod is null ? "" : $", perPod: {{size: {QuotaPerPod}}}")}}}");
        if (Watermarks is not null)
            yaml.AppendLine($"  watermarks: {Watermarks}");
        return yaml.ToString();
    }
}
