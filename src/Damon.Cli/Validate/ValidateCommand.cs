using System.CommandLine;

namespace Damon.Cli.Validate;

/// <summary><c>damonctl validate</c>: checks scheme files as the API server would, without one.</summary>
internal static class ValidateCommand
{
    public static Command Create(CliEnvironment environment)
    {
        var files = SchemeInput.FilesOption();
        var overrides = SchemeInput.OverridesOption();
        var command = new Command("validate", "Check scheme files: every error is listed with its file, line and field.") { files, overrides };
        command.SetAction(parsed =>
        {
            var schemes = SchemeInput.Read(parsed.GetValue(files)!, parsed.GetValue(overrides) ?? [], environment.Error);
            if (schemes is null)
            {
                return ExitCode.BadInput;
            }

            foreach (var scheme in schemes)
            {
                environment.Out.WriteLine($"{scheme.Name}: valid ({scheme.Spec.Action.Type}, {scheme.Spec.Mode})");
            }

            return ExitCode.Ok;
        });
        return command;
    }
}
