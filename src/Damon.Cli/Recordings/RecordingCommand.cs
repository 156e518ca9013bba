using System.CommandLine;
using Damon.Engine.Recordings;

namespace Damon.Cli.Recordings;

/// <summary><c>damonctl recording</c>: what is in a recording.</summary>
internal static class RecordingCommand
{
    public static Command Create(CliEnvironment environment)
    {
        var file = new Argument<string>("FILE") { Description = "A recording of 'damonctl run --record'." };
        var output = OutputOption.Create();
        var show = new Command("show", "Say what is in a recording: how long, which targets and intervals, how much was accessed, and whether it is whole.") { file, output };
        show.SetAction((parsed, cancellation) => Task.Run(() => Show(environment, parsed.GetValue(file)!, parsed.GetValue(output), cancellation), CancellationToken.None));
        return new Command("recording", "Look into recordings.") { show };
    }

    private static int Show(CliEnvironment environment, string file, OutputFormat output, CancellationToken cancellation)
    {
        var (stream, error) = RecordingFile.OpenToRead(file);
        if (stream is null)
        {
            environment.Error.WriteLine(error);
            return ExitCode.BadInput;
        }

        using (stream)
        {
            var reader = new RecordingReader(stream);
            var summary = new RecordingSummary();
            using var progress = new FileProgress(environment, stream);
            RecordingReadOutcome end;
            while ((end = reader.Read()) == RecordingReadOutcome.Snapshot)
            {
                summary.Add(reader);
                progress.Update();
                if (cancellation.IsCancellationRequested)
                {
                    progress.Clear();
                    environment.Error.WriteLine("interrupted; no result");
                    return ExitCode.Interrupted;
                }
            }

            progress.Clear();
            var isUsable = RecordingFile.ReportEnd(file, reader, end, environment.Error);
            if (!isUsable && summary.Snapshots == 0)
            {
                return ExitCode.BadInput;
            }

            // What lies before a damaged place is good, and whoever has a damaged file wants to know how much that is.
            if (output == OutputFormat.Json)
            {
                JsonOutput.Write(environment.Out, to => RecordingReport.WriteJson(to, file, summary, reader, end));
            }
            else
            {
                RecordingReport.WriteText(environment.Out, file, summary, reader, end);
            }

            return isUsable ? ExitCode.Ok : ExitCode.BadInput;
        }
    }
}
