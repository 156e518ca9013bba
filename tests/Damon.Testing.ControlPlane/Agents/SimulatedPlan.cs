using System.Text.Json;

namespace Damon.Testing.ControlPlane.Agents;

/// <summary>What a simulated agent reads of its DamonNode.</summary>
/// <param name="Uid">The object's identity.</param>
/// <param name="Generation">Counts changes of the plan.</param>
/// <param name="Mode">How far the node may go.</param>
/// <param name="Schemes">The entries of the plan.</param>
public sealed record SimulatedPlan(string Uid, long Generation, string Mode, IReadOnlyList<SimulatedScheme> Schemes)
{
    /// <summary>Reads one; serves as the decoder of an informer.</summary>
    public static SimulatedPlan Read(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8);
        using var document = JsonDocument.ParseValue(ref reader);
        var metadata = document.RootElement.GetProperty("metadata");
        var spec = document.RootElement.GetProperty("spec");
        List<SimulatedScheme> schemes = [];
        if (spec.TryGetProperty("schemes", out var entries))
        {
            foreach (var entry in entries.EnumerateArray())
            {
                var scheme = entry.GetProperty("spec");
                schemes.Add(new SimulatedScheme(
                    string.Intern(entry.GetProperty("name").GetString()!),
                    string.Intern(entry.GetProperty("hash").GetString()!),
                    Enforces: scheme.TryGetProperty("mode", out var mode) && mode.ValueEquals("Enforce"),
                    IsPaused: scheme.TryGetProperty("paused", out var paused) && paused.ValueKind == JsonValueKind.True));
            }
        }

        return new SimulatedPlan(metadata.GetProperty("uid").GetString()!, metadata.GetProperty("generation").GetInt64(), string.Intern(spec.GetProperty("mode").GetString()!), schemes);
    }

    /// <summary>The hash of a scheme, or null where the plan has none of the name.</summary>
    public string? HashOf(string scheme) => Schemes.FirstOrDefault(entry => entry.Name == scheme)?.Hash;
}
