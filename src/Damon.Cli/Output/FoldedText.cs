namespace Damon.Cli;

/// <summary>Writes paragraphs that fold between words, so that no line is wider than the terminal.</summary>
internal static class FoldedText
{
    /// <summary>Where the output is not a terminal, and what most of them have at the least.</summary>
    public const int DefaultWidth = 80;

    /// <summary>Wider lines are hard to read, however wide the terminal is.</summary>
    private const int MaxWidth = 110;

    /// <summary>Writes one paragraph.</summary>
    /// <param name="to">Where to.</param>
    /// <param name="start">What the first line begins with; the text follows at the indent, or behind one space where the start is longer.</param>
    /// <param name="indent">Columns before the text.</param>
    /// <param name="text">Words; one that is longer than a line stays whole.</param>
    /// <param name="terminalWidth">Columns of the terminal; 0 where there is none.</param>
    public static void Write(TextWriter to, string start, int indent, string text, int terminalWidth)
    {
        var width = terminalWidth == 0 ? DefaultWidth : Math.Min(terminalWidth, MaxWidth);
        var line = start.Length < indent ? start.PadRight(indent) : start + " ";
        var isEmpty = true;
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!isEmpty && line.Length + 1 + word.Length > width)
            {
                to.WriteLine(line);
                line = new string(' ', indent);
                isEmpty = true;
            }

            line += isEmpty ? word : " " + word;
            isEmpty = false;
        }

        to.WriteLine(line.TrimEnd());
    }
}
