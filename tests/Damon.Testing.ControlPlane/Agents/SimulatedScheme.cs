using System.Text.Json.Nodes;

namespace Damon.Testing.ControlPlane.Agents;

/// <summary>An entry of a plan.</summary>
/// <param name="Name">The scheme's name.</param>
/// <param name="Hash">The operator's name for this version of it.</param>
/// <param name="Enforces">Whether it may act.</param>
/// <param name="IsPaused">Whether it is suspended.</param>
public sealed record SimulatedScheme(string Name, string Hash, bool Enforces, bool IsPaused)
{
    internal static SimulatedScheme Read(ReadOnlySpan<byte> utf8)
    {
        var entry = JsonNode.Parse(utf8)!;
        var spec = PlanEntry.SpecOf(entry);
        return new((string)entry["name"]!, (string)entry["hash"]!, Enforces: (string?)spec["mode"] == "Enforce", IsPaused: (bool?)spec["paused"] == true);
    }
}
