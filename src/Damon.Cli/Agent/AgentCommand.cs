using System.CommandLine;
using System.Text;
using System.Text.Json;
using Damon.NodeAgent.Http;

namespace Damon.Cli.Agent;

/// <summary><c>damonctl agent</c>: what a running node agent tells.</summary>
internal static class AgentCommand
{
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan DefaultWait = TimeSpan.FromSeconds(30);

    public static Command Create(CliEnvironment environment) => new("agent", "Ask a running node agent what it sees and does.")
    {
        Snapshot(environment),
        Heatmap(environment),
        Metrics(environment),
    };

    private static Command Snapshot(CliEnvironment environment)
    {
        var connection = new AgentConnectionOptions();
        var output = OutputOption.Create();
        var command = new Command("snapshot", "Show what the agent knows now: memory by age, schemes, rails, pods, and its own cost.") { connection.Url, connection.TokenFile, output };
        command.SetAction((parsed, cancellation) => Ask(environment, connection, parsed, async client =>
        {
            var reply = await client.GetAsync(AgentApi.SnapshotPath, cancellation);
            return Show(environment, client, reply, document =>
            {
                if (parsed.GetValue(output) == OutputFormat.Json)
                {
                    environment.Out.WriteLine(document.GetRawText());
                }
                else
                {
                    AgentSnapshotText.Write(environment.Out, document);
                }
            });
        }));
        return command;
    }

    private static Command Heatmap(CliEnvironment environment)
    {
        var pod = new Argument<string>("NAMESPACE/POD") { Description = "A pod of the agent's node that is watched; 'damonctl agent snapshot' lists them." };
        var connection = new AgentConnectionOptions();
        var output = OutputOption.Create();
        var wait = UnitOptions.Duration("--wait", "How long to wait for a recording that begins with this request; 30s where it is not given, 0s not at all.");
        var command = new Command("heatmap", "Draw when which of a pod's memory is accessed. Recording begins when it is first asked for.") { pod, connection.Url, connection.TokenFile, wait, output };
        pod.Validators.Add(result =>
        {
            if (!IsPod(result.GetValueOrDefault<string>()))
            {
                result.AddError($"\"{result.GetValueOrDefault<string>()}\" is not a pod; write NAMESPACE/POD");
            }
        });
        command.SetAction((parsed, cancellation) => Ask(environment, connection, parsed, async client =>
        {
            var isJson = parsed.GetValue(output) == OutputFormat.Json;
            var name = parsed.GetValue(pod)!.Split('/');
            var askedAt = environment.Time.GetTimestamp();
            AgentReply reply;
            while ((reply = await client.GetAsync(AgentApi.HeatmapPath(name[0], name[1], isJson), cancellation)).Status == 202
                && environment.Time.GetElapsedTime(askedAt) < (parsed.GetValue(wait) ?? DefaultWait))
            {
                await Task.Delay(AskAgainAfter, environment.Time, cancellation);
            }

            return isJson && reply.Status == 200
                ? Show(environment, client, reply, document => environment.Out.WriteLine(document.GetRawText()))
                : Print(environment, client, reply);
        }));
        return command;
    }

    private static Command Metrics(CliEnvironment environment)
    {
        var connection = new AgentConnectionOptions();
        var command = new Command("metrics", "Print the agent's metrics, as Prometheus collects them.") { connection.Url, connection.TokenFile };
        command.SetAction((parsed, cancellation) =>
            Ask(environment, connection, parsed, async client => Print(environment, client, await client.GetAsync(AgentApi.MetricsPath, cancellation))));
        return command;
    }

    private static async Task<int> Ask(CliEnvironment environment, AgentConnectionOptions connection, ParseResult parsed, Func<AgentClient, Task<int>> ask)
    {
        var token = "";
        if (parsed.GetValue(connection.TokenFile) is { } file)
        {
            var (bytes, error) = InputFile.Read(file);
            if (bytes is null)
            {
                environment.Error.WriteLine(error);
                return ExitCode.BadInput;
            }

            token = Encoding.UTF8.GetString(bytes).Trim();
            if (token.Length == 0 || !token.All(char.IsAscii) || token.Any(char.IsControl))
            {
                environment.Error.WriteLine($"{file}: holds no token; the agent's token file is one line of visible ASCII characters");
                return ExitCode.BadInput;
            }
        }

        using var client = new AgentClient(parsed.GetValue(connection.Url)!, token);
        try
        {
            return await ask(client);
        }
        catch (OperationCanceledException)
        {
            environment.Error.WriteLine("interrupted; no result");
            return ExitCode.Interrupted;
        }
    }

    /// <summary>Shows a reply that has to be a JSON document.</summary>
    private static int Show(CliEnvironment environment, AgentClient client, AgentReply reply, Action<JsonElement> show)
    {
        if (reply.Status != 200)
        {
            return Refuse(environment, client, reply);
        }

        try
        {
            using var document = JsonDocument.Parse(reply.Body);
            show(document.RootElement);
            environment.Out.Flush();
            return ExitCode.Ok;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            environment.Error.WriteLine($"what answers at {client.Url} is not a node agent of this version: {e.Message}");
            return ExitCode.Failed;
        }
    }

    private static int Print(CliEnvironment environment, AgentClient client, AgentReply reply)
    {
        if (reply.Status != 200)
        {
            return Refuse(environment, client, reply);
        }

        environment.Out.Write(Encoding.UTF8.GetString(reply.Body));
        environment.Out.Flush();
        return ExitCode.Ok;
    }

    private static int Refuse(CliEnvironment environment, AgentClient client, AgentReply reply)
    {
        environment.Error.WriteLine(reply switch
        {
            { Failure.Length: > 0 } => reply.Failure,
            { Status: 202 } => "the recording has begun, and no aggregation interval has passed yet; ask again, or wait longer with --wait",
            { Status: 401 } => $"{client.Url} wants a token: give --token-file with the file that the agent was started with",
            _ => $"{client.Url} answers {reply.Status}: {FirstLine(reply.Body)}",
        });
        return ExitCode.Failed;
    }

    /// <summary>What somebody else's server says may be anything: one line of plain text of it is shown.</summary>
    private static string FirstLine(byte[] body)
    {
        var line = Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(body.Length, 200))).Split('\n')[0];
        return string.Concat(line.Where(character => !char.IsControl(character)));
    }

    /// <summary>Two names as the API has them; anything else would not be a path of the agent.</summary>
    private static bool IsPod(string? text) =>
        text?.Split('/') is [{ Length: > 0 and <= 63 } podNamespace, { Length: > 0 and <= 253 } podName]
        && (podNamespace + podName).All(character => character is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-' or '.');
}
