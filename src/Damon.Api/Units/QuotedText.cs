using System.Text;

namespace Damon.Api.Units;

/// <summary>Shows text that somebody else wrote inside a message: in quotes, on one line, and never longer than a line should be.</summary>
public static class QuotedText
{
    private const int MaxLength = 60;

    /// <summary>Puts <paramref name="text"/> in quotes; what cannot be printed is escaped, what is long is cut.</summary>
    /// <param name="text">As it was written.</param>
    /// <returns>The text for a message.</returns>
    public static string Of(string text) => $"\"{OneLine(text, MaxLength)}\"";

    /// <summary>The same without quotes, for messages of others that may hold such text.</summary>
    internal static string OneLine(string text, int maxLength)
    {
        var shown = new StringBuilder(Math.Min(text.Length, maxLength) + 5);
        for (var i = 0; i < text.Length; i++)
        {
            if (i == maxLength)
            {
                shown.Append('…');
                break;
            }

            var c = text[i];
            _ = c switch
            {
                '\n' => shown.Append("\\n"),
                '\t' => shown.Append("\\t"),
                '\r' => shown.Append("\\r"),
                _ when char.IsControl(c) || char.IsSurrogate(c) || c is '\u2028' or '\u2029' => shown.Append($"\\u{(int)c:x4}"),
                _ => shown.Append(c),
            };
        }

        return shown.ToString();
    }
}
