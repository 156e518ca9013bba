using System.CommandLine;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Damon.Cli.Recordings;
using Damon.Engine.Recordings;
using Damon.Interchange;

namespace Damon.Cli.Interchange;

/// <summary><c>damonctl export</c>: our schemes and recordings for another tool.</summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "Files that the user names are not part of the host that is sampled.")]
internal static class ExportCommand
{
    public static Command Create(CliEnvironment environment)
    {
        var files = SchemeInput.FilesOption();
        files.Required = false;
        var overrides = SchemeInput.OverridesOption();
        var recording = new Option<string>("--recording", "-r") { Description = "A recording, in place of schemes.", HelpName = "FILE" };
        var to = EnumOption.Create<ForeignTool>("--to", "a tool", "damo", "The tool that is to read it: damo.", "damo");
        to.Required = true;
        var format = EnumOption.Create<DamoFormat>(
            "--format", "a format", "FORMAT", "json, or yaml for schemes, or jsoncompressed for a recording (what damo itself records); json where it is not given.", "json", "yaml", "jsoncompressed");
        var pids = new Option<int[]>("--pid", "-p") { Description = "Processes that the schemes are for: damo selects no pods.", HelpName = "PID", AllowMultipleArgumentsPerToken = true };
        var target = new Option<string>("--out") { Description = "The file to make; standard output where it is not given. The compressed format needs one.", HelpName = "FILE" };
        var command = new Command("export", "Write schemes or a recording for another tool. What it has no words for is listed.") { files, overrides, recording, to, format, pids, target };
        command.Validators.Add(result =>
        {
            if (result.GetResult(files) is null == result.GetResult(recording) is null)
            {
                result.AddError("Give exactly one of --file SCHEMES and --recording FILE.");
            }
        });
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                var chosen = parsed.GetValue(format) ?? DamoFormat.Json;
                var made = parsed.GetValue(target);
                return parsed.GetValue(recording) is { } file
                    ? ExportRecording(environment, file, chosen, made, cancellation)
                    : ExportSchemes(environment, parsed.GetValue(files)!, parsed.GetValue(overrides) ?? [], parsed.GetValue(pids) ?? [], chosen, made);
            },
            CancellationToken.None));
        return command;
    }

    private static int ExportSchemes(CliEnvironment environment, string[] files, string[] overrides, int[] pids, DamoFormat format, string? target)
    {
        if (format == DamoFormat.JsonCompressed)
        {
            environment.Error.WriteLine("--format: schemes are written as json or yaml");
            return ExitCode.BadInput;
        }

        var schemes = SchemeInput.Read(files, overrides, environment.Error);
        if (schemes is null)
        {
            return ExitCode.BadInput;
        }

        var text = DamoSchemesWriter.Write(schemes, pids, format == DamoFormat.Yaml, out var notes);
        ImportCommand.WriteNotes(environment, notes);
        if (target is not null)
        {
            return ImportCommand.Made(environment, OutputFile.Make(target, to =>
            {
                to.Write(Encoding.UTF8.GetBytes(text));
                return true;
            }));
        }

        environment.Out.Write(text);
        environment.Out.Flush();
        return ExitCode.Ok;
    }

    private static int ExportRecording(CliEnvironment environment, string file, DamoFormat format, string? target, CancellationToken cancellation)
    {
        if (format == DamoFormat.Yaml || (format == DamoFormat.JsonCompressed && target is null))
        {
            environment.Error.WriteLine(format == DamoFormat.Yaml ? "--format: a recording is written as json or jsoncompressed" : "--out: the compressed format is no text: name the file to make");
            return ExitCode.BadInput;
        }

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
                var reader = new RecordingReader(stream);
                var isUsable = false;
                if (target is not null)
                {
                    var failed = OutputFile.Make(target, to => isUsable = Write(environment, file, reader, to, format, cancellation));
                    return failed.Length > 0 || isUsable ? ImportCommand.Made(environment, failed) : ExitCode.BadInput;
                }

                using var text = new MemoryStream();
                if (!Write(environment, file, reader, text, format, cancellation))
                {
                    return ExitCode.BadInput;
                }

                environment.Out.Write(Encoding.UTF8.GetString(text.GetBuffer().AsSpan(0, (int)text.Length)));
                environment.Out.Flush();
                return ExitCode.Ok;
            }
            catch (OperationCanceledException)
            {
                environment.Error.WriteLine("interrupted; nothing was written");
                return ExitCode.Interrupted;
            }
        }
    }

    private static bool Write(CliEnvironment environment, string file, RecordingReader reader, Stream to, DamoFormat format, CancellationToken cancellation)
    {
        var end = DamoRecordsWriter.Write(reader, to, format == DamoFormat.JsonCompressed, out var notes, cancellation);
        ImportCommand.WriteNotes(environment, notes);
        return RecordingFile.ReportEnd(file, reader, end, environment.Error);
    }
}
