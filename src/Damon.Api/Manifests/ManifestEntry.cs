namespace Damon.Api.Manifests;

/// <summary>A field of a mapping.</summary>
/// <param name="Key">The field's name.</param>
/// <param name="KeyAt">Where the name is written.</param>
/// <param name="Value">The field's value.</param>
public sealed record ManifestEntry(string Key, ManifestLocation KeyAt, ManifestNode Value);
