using System.CommandLine;
using System.Diagnostics.CodeAnalysis;
using Damon.Cli.Recordings;
using Damon.Interchange;

namespace Damon.Cli.Interchange;

/// <summary><c>damonctl import</c>: schemes and records of another tool become ours.</summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "Files that the user names are not part of the host that is sampled.")]
internal static class ImportCommand
{
    /// <summary>Enough to see whether a list holds records or schemes.</summary>
    private const int HeadBytes = 4096;

    public static Command Create(CliEnvironment environment)
    {
        var file = new Argument<string>("FILE") { Description = "What damo wrote: kdamonds or schemes in JSON or YAML, or records in JSON, compressed or not." };
        var from = EnumOption.Create<ForeignTool>("--from", "a tool", "damo", "The tool that wrote it: damo.", "damo");
        from.Required = true;
        var target = new Option<string>("--out") { Description = "The file to make; records need one, schemes go to standard output where it is not given.", HelpName = "FILE" };
        var command = new Command("import", "Read schemes or records of another tool. What cannot be taken over is listed.") { file, from, target };
        command.SetAction((parsed, cancellation) => Task.Run(() => Run(environment, parsed.GetValue(file)!, parsed.GetValue(target), cancellation), CancellationToken.None));
        return command;
    }

    private static int Run(CliEnvironment environment, string file, string? target, CancellationToken cancellation)
    {
        var (stream, error) = RecordingFile.OpenToRead(file);
        if (stream is null)
        {
            environment.Error.WriteLine(error);
            return ExitCode.BadInput;
        }

        using (stream)
        {
            try
            {
                var head = new byte[HeadBytes];
                var length = stream.ReadAtLeast(head, HeadBytes, throwOnEndOfStream: false);
                stream.Position = 0;
                return DamoFileKind.AreRecords(head.AsSpan(0, length)) ? ImportRecords(environment, file, stream, target, cancellation) : ImportSchemes(environment, file, target);
            }
            catch (OperationCanceledException)
            {
                environment.Error.WriteLine("interrupted; nothing was written");
                return ExitCode.Interrupted;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
            {
                environment.Error.WriteLine($"{file}: {e.Message}");
                return ExitCode.BadInput;
            }
        }
    }

    private static int ImportSchemes(CliEnvironment environment, string file, string? target)
    {
        var (bytes, problem) = InputFile.Read(file);
        if (bytes is null)
        {
            environment.Error.WriteLine(problem);
            return ExitCode.BadInput;
        }

        var result = DamoSchemesReader.Read(file, bytes);
        foreach (var error in result.Errors)
        {
            environment.Error.WriteLine(error);
        }

        WriteNotes(environment, result.Notes);
        if (result.Errors.Count > 0)
        {
            return ExitCode.BadInput;
        }

        if (result.Schemes.Count == 0)
        {
            environment.Error.WriteLine($"{file}: no scheme is left");
            return ExitCode.Unsupported;
        }

        var text = $"# Imported from damo. The mode is Observe: nothing is done before you change it.\n{SchemeDocument.ToYaml(result.Schemes)}";
        if (target is null)
        {
            environment.Out.Write(text);
            environment.Out.Flush();
            return ExitCode.Ok;
        }

        return Made(environment, OutputFile.Make(target, to =>
        {
            to.Write(System.Text.Encoding.UTF8.GetBytes(text));
            return true;
        }));
    }

    private static int ImportRecords(CliEnvironment environment, string file, FileStream stream, string? target, CancellationToken cancellation)
    {
        if (target is null)
        {
            environment.Error.WriteLine("--out: these are records, and a recording is no text: name the file to make");
            return ExitCode.BadInput;
        }

        var result = DamoRecordsReader.Read(stream);
        if (result.Error.Length > 0)
        {
            environment.Error.WriteLine($"{file}: {result.Error}");
            return ExitCode.BadInput;
        }

        WriteNotes(environment, result.Notes);
        if (result.Runs.Count == 0)
        {
            environment.Error.WriteLine($"{file}: there is no snapshot in it");
            return ExitCode.BadInput;
        }

        var refused = "";
        var failed = OutputFile.Make(target, to => (refused = DamoRecordsReader.Write(result.Runs, to, cancellation)).Length == 0);
        return Made(environment, refused.Length > 0 ? $"{file}: {refused}" : failed);
    }

    internal static void WriteNotes(CliEnvironment environment, IReadOnlyList<InterchangeNote> notes)
    {
        foreach (var note in notes)
        {
            environment.Error.WriteLine(note.Path.Length > 0 ? $"note: {note}" : $"note: {note.Message}");
        }
    }

    internal static int Made(CliEnvironment environment, string error)
    {
        if (error.Length == 0)
        {
            return ExitCode.Ok;
        }

        environment.Error.WriteLine(error);
        return ExitCode.BadInput;
    }
}
