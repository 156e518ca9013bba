using System.Text.Json;
using Damon.Api.Schemes;
using Damon.Operator.Json;
using Damon.Operator.Statuses;

namespace Damon.Operator.Nodes;

/// <summary>What a node cannot do, as its agent says. What it says nothing about it may be able to do.</summary>
public sealed class NodeCapabilities
{
    // The action is done by the kernel alone, so only the kernel's backend can tell.
    private const string NotInUserSpace = "NotInUserSpace";

    private readonly Dictionary<string, string> _missing = new(StringComparer.Ordinal);

    /// <summary>Nothing is known.</summary>
    public static NodeCapabilities Unknown { get; } = new();

    /// <summary>Reads the list.</summary>
    /// <param name="utf8">A JSON array.</param>
    internal static NodeCapabilities Read(ReadOnlySpan<byte> utf8)
    {
        var capabilities = new NodeCapabilities();
        var reader = new Utf8JsonReader(utf8);
        reader.Read();
        while (reader.NextObject())
        {
            var (name, reason, isAvailable) = ("", "", true);
            while (reader.NextField())
            {
                if (reader.IsField("name"u8))
                    name = reader.NextText(null);
                else if (reader.IsField("reason"u8))
                    reason = reader.NextText(null);
                else if (reader.IsField("available"u8))
                    isAvailable = reader.NextTruth();
                else
                    reader.PassOver();
            }

            if (!isAvailable)
                capabilities._missing[name] = reason.Length > 0 ? reason : Reasons.NotAvailable;
        }

        return capabilities;
    }

    /// <summary>Why a scheme cannot act here; null where nothing is known to be in its way.</summary>
    /// <param name="spec">The scheme.</param>
    public string? WhyNot(DamonSchemeSpec spec)
    {
        if (_missing.Count == 0)
            return null;
        if (spec.Backend != BackendKind.Auto && Missing(spec.Backend) is { } reason)
            return reason;

        // Referenced is never taken by itself.
        if (spec.Backend == BackendKind.Auto && Missing(BackendKind.Kernel) is { } kernel && Missing(BackendKind.IdlePage) is not null)
            return kernel;
        if (spec.Target.Kind == TargetKind.Node)
            return Missing(BackendKind.Kernel);
        if (!_missing.TryGetValue($"action/{spec.Action.Type}", out var action))
            return null;
        return action != NotInUserSpace ? action : spec.Backend is BackendKind.Auto or BackendKind.Kernel ? Missing(BackendKind.Kernel) : action;
    }

    private string? Missing(BackendKind backend) => _missing.GetValueOrDefault($"backend/{backend}");
}
