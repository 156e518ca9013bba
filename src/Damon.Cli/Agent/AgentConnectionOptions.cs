using System.CommandLine;
using Damon.NodeAgent.Http;

namespace Damon.Cli.Agent;

/// <summary>Where the agent is, and how to be let in; the same in every command that asks one.</summary>
internal sealed class AgentConnectionOptions
{
    private static readonly Uri Default = new($"http://127.0.0.1:{AgentApi.DefaultPort}");

    public Option<Uri> Url { get; } = new("--url")
    {
        Description = $"Where the agent listens; {Default.GetLeftPart(UriPartial.Authority)} where it is not given. In a cluster: kubectl port-forward POD {AgentApi.DefaultPort}.",
        HelpName = "URL",
        DefaultValueFactory = _ => Default,
        CustomParser = result =>
        {
            var text = result.Tokens[^1].Value;
            if (Uri.TryCreate(text, UriKind.Absolute, out var url)
                && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps)
                && url is { PathAndQuery: "/", UserInfo: "", Fragment: "" })
            {
                return url;
            }

            result.AddError($"--url: \"{text}\" is not where an agent could be; write http://HOST:PORT");
            return Default;
        },
    };

    public Option<string?> TokenFile { get; } = new("--token-file") { Description = "The token that the agent wants where it does not listen on this machine alone.", HelpName = "FILE" };
}
