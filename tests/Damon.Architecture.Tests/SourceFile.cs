using System.Text.RegularExpressions;

namespace Damon.Architecture.Tests;

/// <summary>A C# file.</summary>
/// <param name="Path">From the repository's root, with slashes.</param>
/// <param name="Text">All of it.</param>
internal sealed partial record SourceFile(string Path, string Text)
{
    /// <summary>The text without comments and the contents of strings: a word in them breaks no rule.</summary>
    public string Code => NotCode().Replace(Text, match => match.Value[0] == '/' ? " " : "\"\"");

    /// <summary>The file's name up to its first point: a partial type's file may say after it what part it is.</summary>
    public string Stem => System.IO.Path.GetFileName(Path).Split('.')[0];

    [GeneratedRegex(
        """"
        //[^\n]*
        | /\*.*?\*/
        | \$*"""+.*?"""+
        | \$?@\$?"(?:[^"]|"")*"
        | "(?:[^"\\\n]|\\.)*"
        | '(?:[^'\\\n]|\\.)+'
        """",
        RegexOptions.Singleline | RegexOptions.IgnorePatternWhitespace | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 10_000)]
    private static partial Regex NotCode();
}
