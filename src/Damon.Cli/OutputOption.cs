using System.CommandLine;

namespace Damon.Cli;

/// <summary>The <c>-o</c> option, the same in every command.</summary>
internal static class OutputOption
{
    public static Option<OutputFormat> Create()
    {
        var option = new Option<OutputFormat>("--output", "-o")
        {
            Description = "How the result is written: text or json.",
            HelpName = "text|json",
            DefaultValueFactory = _ => OutputFormat.Text,
            CustomParser = result =>
            {
                var text = result.Tokens[^1].Value;
                switch (text)
                {
                    case "text":
                        return OutputFormat.Text;
                    case "json":
                        return OutputFormat.Json;
                    default:
                        result.AddError($"--output: \"{text}\" is not a format; write text or json");
                        return OutputFormat.Text;
                }
            },
        };
        option.CompletionSources.Clear();
        option.CompletionSources.Add("text", "json");
        return option;
    }
}
