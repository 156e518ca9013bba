namespace Damon.NodeAgent.Plans;

/// <summary>What is known of an object of the API: nothing, that it is not there, or its JSON.</summary>
/// <param name="IsKnown">Whether anything is known.</param>
/// <param name="Json">The object; empty where it is not there or not known.</param>
internal readonly record struct StoredDocument(bool IsKnown, ReadOnlyMemory<byte> Json)
{
    /// <summary>It is not there.</summary>
    public static StoredDocument Absent { get; } = new(true, default);

    /// <summary>Whether there is an object.</summary>
    public bool IsPresent => IsKnown && !Json.IsEmpty;

    /// <summary>An object.</summary>
    /// <param name="json">Its JSON.</param>
    public static StoredDocument Of(ReadOnlyMemory<byte> json) => new(true, json);
}
