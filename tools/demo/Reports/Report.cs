using Damon.Demo.Verdicts;

namespace Damon.Demo.Reports;

/// <summary>The narration: sections, sentences, the commands that are run, and tables. Written as things happen.</summary>
/// <param name="output">Where to.</param>
internal sealed class Report(TextWriter output)
{
    private const int Width = 100;
    private const string Indent = "  ";

    public void Section(string title)
    {
        output.WriteLine();
        output.WriteLine(title);
        output.WriteLine(new string('-', Math.Min(title.Length, Width)));
    }

    /// <summary>Writes sentences, broken into lines.</summary>
    public void Say(string text) => Wrap(text, Indent, Indent);

    /// <summary>Writes a command that can be copied: broken before options only, each line but the last ending with a backslash.</summary>
    public void Command(string program, IReadOnlyList<string> arguments)
    {
        List<string> parts = [program];
        foreach (var argument in arguments)
        {
            // An option and its value stay on one line.
            if (argument.StartsWith('-'))
                parts.Add(argument);
            else
                parts[^1] += " " + argument;
        }

        var line = Indent + "$";
        foreach (var part in parts)
        {
            if (line.Length + part.Length + 3 > Width)
            {
                output.WriteLine(line + " \\");
                line = Indent + "   ";
            }

            line += " " + part;
        }

        output.WriteLine(line);
    }

    /// <summary>Writes columns, the first to the left and the others to the right.</summary>
    public void Table(params IReadOnlyList<string[]> rows)
    {
        var widths = Enumerable.Range(0, rows.Max(row => row.Length)).Select(column => rows.Max(row => column < row.Length ? row[column].Length : 0)).ToList();
        foreach (var row in rows)
        {
            var cells = row.Select((cell, column) => column == 0 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]));
            output.WriteLine((Indent + Indent + string.Join("   ", cells)).TrimEnd());
        }
    }

    public void Checks(IEnumerable<Check> checks)
    {
        foreach (var check in checks)
        {
            var mark = check.Verdict switch
            {
                Verdict.Held => "[  held ] ",
                Verdict.Broken => "[ BROKEN] ",
                _ => "[unclear] ",
            };
            Wrap($"{check.Promise}: {check.Measured}", Indent + mark, Indent + new string(' ', mark.Length));
        }
    }

    public void NotRun(string what, string why) => Wrap($"{what}: {why}", Indent + "[not run] ", Indent + new string(' ', "[not run] ".Length));

    private void Wrap(string text, string first, string following)
    {
        var line = first;
        var isEmpty = true;
        foreach (var word in text.Split((char[])[' ', '\n', '\r', '\t'], StringSplitOptions.RemoveEmptyEntries))
        {
            if (!isEmpty && line.Length + word.Length + 1 > Width)
            {
                output.WriteLine(line);
                line = following;
                isEmpty = true;
            }

            line += isEmpty ? word : " " + word;
            isEmpty = false;
        }

        output.WriteLine(line);
    }
}
