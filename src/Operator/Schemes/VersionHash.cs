namespace Damon.Operator.Schemes;

/// <summary>
/// The name of a version in a form, as it stands in plans and is echoed by agents: <c>VERSION-FORM</c>. Who is admitted to a version can be read off the plans by it, and a pause keeps that.
/// </summary>
/// <param name="Version">The version: hexadecimal digits.</param>
/// <param name="Form">The form.</param>
public readonly record struct VersionHash(string Version, VersionForm Form)
{
    /// <summary>Reads a name. One that is not of this kind, as another operator may have written, is nobody's version.</summary>
    /// <param name="text">From a plan.</param>
    /// <param name="hash">What it names.</param>
    public static bool TryParse(string text, out VersionHash hash)
    {
        hash = default;
        var dash = text.LastIndexOf('-');
        if (dash <= 0)
            return false;
        VersionForm? form = text.AsSpan(dash + 1) switch
        {
            "e" => new(Acts: true, IsPaused: false),
            "ep" => new(Acts: true, IsPaused: true),
            "o" => new(Acts: false, IsPaused: false),
            "op" => new(Acts: false, IsPaused: true),
            _ => null,
        };
        if (form is not { } known)
            return false;
        hash = new(text[..dash], known);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Version}-{Form.Suffix}";
}
