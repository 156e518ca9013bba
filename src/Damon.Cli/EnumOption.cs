using System.CommandLine;
using System.CommandLine.Parsing;

namespace Damon.Cli;

/// <summary>Options whose value is one of a few words, refused with the words that are accepted.</summary>
internal static class EnumOption
{
    /// <summary>Makes an option that may be left out.</summary>
    /// <param name="name">The option.</param>
    /// <param name="noun">What a value is, for the refusal: "a mode".</param>
    /// <param name="helpName">The value in the help.</param>
    /// <param name="description">What the option does.</param>
    /// <param name="offered">The words that are named and completed; others of the type are understood too.</param>
    public static Option<T?> Create<T>(string name, string noun, string helpName, string description, params string[] offered)
        where T : struct, Enum
    {
        var option = new Option<T?>(name)
        {
            Description = description,
            HelpName = helpName,
            CustomParser = result =>
            {
                if (Find<T>(result.Tokens[^1].Value) is { } value)
                {
                    return value;
                }

                Refuse(result, name, noun, offered);
                return null;
            },
        };
        option.CompletionSources.Clear();
        option.CompletionSources.Add(offered);
        return option;
    }

    /// <summary>The value that a word means, in any case; nothing for any other text. Numbers are not words.</summary>
    public static T? Find<T>(string text)
        where T : struct, Enum =>
        Array.Find(Enum.GetNames<T>(), known => known.Equals(text, StringComparison.OrdinalIgnoreCase)) is { } known ? Enum.Parse<T>(known) : null;

    private static void Refuse(ArgumentResult result, string name, string noun, string[] offered)
    {
        var words = offered.Length == 1 ? offered[0] : $"{string.Join(", ", offered[..^1])} or {offered[^1]}";
        result.AddError($"{name}: \"{result.Tokens[^1].Value}\" is not {noun}; write {words}");
    }
}
