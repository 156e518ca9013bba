using System.Text.Json;

namespace Damon.Demo.Events;

/// <summary>The engine begins to watch.</summary>
/// <param name="Backend">How it senses.</param>
/// <param name="Reason">Why that way.</param>
internal sealed record EngineStart(string Backend, string Reason) : EngineEvent
{
    public static EngineStart? From(JsonElement json) =>
        json.TryText("backend", out var backend) ? new EngineStart(backend, json.TryText("reason", out var reason) ? reason : "") : null;
}
