using System.CommandLine;
using Damon.Api.Manifests;
using Damon.Api.Schemes;

namespace Damon.Cli;

/// <summary>The scheme files of a command, with their <c>--set</c> overrides. Every error of every file is reported; with any error there is no scheme.</summary>
internal static class SchemeInput
{
    public static Option<string[]> FilesOption()
    {
        var option = new Option<string[]>("--file", "-f")
        {
            Description = "Files with one or more DamonScheme objects each, in YAML or JSON; - for standard input.",
            HelpName = "FILE",
            Required = true,
            AllowMultipleArgumentsPerToken = true,
        };

        // An option that takes several values takes a misspelt option for a file: say what it really is.
        option.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(token => token.Value.Length > 1 && token.Value[0] == '-'))
            {
                result.AddError($"Unrecognized option '{token.Value}'.");
            }
        });
        return option;
    }

    public static Option<string[]> OverridesOption() => new("--set")
    {
        Description = "Change a field of every scheme before it is checked, such as pattern.age.min=10s; the path starts below spec. May be given several times.",
        HelpName = "FIELD=VALUE",
    };

    /// <summary>Reads the files.</summary>
    /// <returns>The schemes, or nothing after the errors were written.</returns>
    public static IReadOnlyList<DamonScheme>? Read(IReadOnlyList<string> files, IReadOnlyList<string> overrides, TextWriter errors)
    {
        var settings = new List<ManifestOverride>();
        var failed = false;
        foreach (var text in overrides)
        {
            if (ManifestOverride.TryParse(text, out var setting, out var error))
            {
                settings.Add(setting);
            }
            else
            {
                errors.WriteLine(error);
                failed = true;
            }
        }

        var schemes = new List<DamonScheme>();
        var places = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in files)
        {
            var (bytes, problem) = InputFile.Read(file);
            if (bytes is null)
            {
                errors.WriteLine(problem);
                failed = true;
                continue;
            }

            var result = DamonSchemeReader.Read(file, bytes, settings);
            foreach (var error in result.Errors)
            {
                errors.WriteLine(error);
                failed = true;
            }

            foreach (var scheme in result.Schemes)
            {
                if (!places.TryAdd(scheme.Name, file))
                {
                    errors.WriteLine($"{file}: metadata.name: \"{scheme.Name}\" stands in {places[scheme.Name]} too; give each scheme a name of its own");
                    failed = true;
                }

                schemes.Add(scheme);
            }
        }

        return failed ? null : schemes;
    }
}
