using System.CommandLine;
using Damon.Engine.Machine;

namespace Damon.Cli;

/// <summary><c>--allow-module-off</c>: modules of the kernel that use DAMON, and may be switched off while a command needs it.</summary>
internal static class ModulesOption
{
    /// <param name="when">For how long, in words.</param>
    public static Option<DamonModule[]> Create(string when)
    {
        var names = string.Join(", ", Enum.GetValues<DamonModule>().Select(DamonModuleFacts.NameOf));
        var option = new Option<DamonModule[]>("--allow-module-off")
        {
            Description = $"Let a module of the kernel that uses DAMON be switched off {when}: {names}. May be given several times.",
            HelpName = "MODULE",
            CustomParser = result =>
            {
                var modules = new List<DamonModule>();
                foreach (var token in result.Tokens)
                {
                    var known = Enum.GetValues<DamonModule>().Where(module => DamonModuleFacts.NameOf(module) == token.Value).ToList();
                    if (known.Count == 0)
                    {
                        result.AddError($"--allow-module-off: \"{token.Value}\" is no such module; these are: {names}");
                        return [];
                    }

                    modules.AddRange(known);
                }

                return [.. modules];
            },
        };
        option.CompletionSources.Add([.. Enum.GetValues<DamonModule>().Select(DamonModuleFacts.NameOf)]);
        return option;
    }
}
