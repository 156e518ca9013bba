namespace Damon.Api.Schemes;

/// <summary>The syntax of names and labels in Kubernetes (RFC 1123 names, qualified label keys).</summary>
internal static class LabelSyntax
{
    private const int MaxSegment = 63;
    private const int MaxSubdomain = 253;

    /// <summary>Lower-case letters, digits and hyphens, at most 63, a letter or digit at both ends.</summary>
    public static bool IsDnsLabel(ReadOnlySpan<char> text) => text.Length is > 0 and <= MaxSegment && HasForm(text, "-", lowerOnly: true);

    /// <summary>DNS labels joined by points, at most 253 characters.</summary>
    public static bool IsDnsSubdomain(ReadOnlySpan<char> text)
    {
        if (text.Length is 0 or > MaxSubdomain)
            return false;
        foreach (var range in text.Split('.'))
        {
            // Kubernetes bounds the whole name, not each label of it.
            if (!HasForm(text[range], "-", lowerOnly: true))
                return false;
        }

        return true;
    }

    /// <summary>A label's key: a name of at most 63 characters, with a DNS subdomain and a slash before it where it has a prefix.</summary>
    public static bool IsKey(ReadOnlySpan<char> text)
    {
        var slash = text.IndexOf('/');
        return (slash < 0 || IsDnsSubdomain(text[..slash])) && IsName(text[(slash + 1)..]);
    }

    /// <summary>A label's value: empty or a name.</summary>
    public static bool IsValue(ReadOnlySpan<char> text) => text.IsEmpty || IsName(text);

    private static bool IsName(ReadOnlySpan<char> text) => text.Length is > 0 and <= MaxSegment && HasForm(text, "-_.", lowerOnly: false);

    private static bool HasForm(ReadOnlySpan<char> text, ReadOnlySpan<char> inner, bool lowerOnly)
    {
        if (text.IsEmpty || !IsEnd(text[0]) || !IsEnd(text[^1]))
            return false;
        foreach (var c in text)
        {
            if (!IsEnd(c) && !inner.Contains(c))
                return false;
        }

        return true;

        bool IsEnd(char c) => char.IsAsciiDigit(c) || char.IsAsciiLetterLower(c) || (!lowerOnly && char.IsAsciiLetterUpper(c));
    }
}
