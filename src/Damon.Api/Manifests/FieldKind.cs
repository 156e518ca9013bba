namespace Damon.Api.Manifests;

/// <summary>What a decoder reads a field as.</summary>
internal enum FieldKind
{
    /// <summary>Asked for and left as it is, or read by what another field says.</summary>
    Any,

    /// <summary>Text.</summary>
    Text,

    /// <summary><c>true</c> or <c>false</c>.</summary>
    Bool,

    /// <summary>A whole number.</summary>
    Integer,

    /// <summary>A number with or without a point.</summary>
    Number,

    /// <summary>A number of bytes.</summary>
    Size,

    /// <summary>A span of time.</summary>
    Duration,

    /// <summary>A percent.</summary>
    Share,

    /// <summary>A point in time.</summary>
    Timestamp,

    /// <summary>One of some names.</summary>
    Choice,

    /// <summary>A mapping of fields.</summary>
    Object,

    /// <summary>A list.</summary>
    List,

    /// <summary>A mapping whose names are free.</summary>
    Map,
}
