namespace Damon.Api.Manifests;

/// <summary>Whether a manifest is wrong, or says something that this version does not know.</summary>
public enum ManifestErrorKind
{
    /// <summary>Wrong by the rules of every version: the form, a bound, a missing field.</summary>
    Invalid,

    /// <summary>A field of this name is not known here. A newer version may know it.</summary>
    UnknownField,

    /// <summary>A name of an enumeration is not known here. A newer version may know it.</summary>
    UnknownValue,
}
