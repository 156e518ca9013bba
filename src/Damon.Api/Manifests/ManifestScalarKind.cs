namespace Damon.Api.Manifests;

/// <summary>What a single value is by the core schema of YAML 1.2; JSON's kinds are the same.</summary>
public enum ManifestScalarKind
{
    /// <summary>Text without quotes.</summary>
    PlainText,

    /// <summary>Text in quotes, or a block of text.</summary>
    QuotedText,

    /// <summary>A number without quotes, of whatever notation the core schema knows.</summary>
    Number,

    /// <summary><c>true</c> or <c>false</c> without quotes. <c>yes</c>, <c>no</c>, <c>on</c> and <c>off</c> are text.</summary>
    Bool,

    /// <summary>Nothing, <c>null</c> or <c>~</c>.</summary>
    Null,
}
