using System.Diagnostics.CodeAnalysis;
using System.Text;
using Damon.Kubernetes.Objects;
using Damon.Kubernetes.Requests;

namespace Damon.Testing.ControlPlane.Servers;

/// <summary>
/// A control plane that has our definitions. Where rules in definitions are wanted and kube-apiserver is too old for them, it passes our group on to a current server of custom resources: both
/// behind one address, with the authentication and authorization of the first and the rules, defaults and pruning of the second.
/// </summary>
public sealed class DamonControlPlane : IDisposable
{
    /// <summary>From this version of Kubernetes on rules in definitions are as ours need them.</summary>
    private const int MinMinorWithRules = 30;

    private const string Rules = "x-kubernetes-validations";

    private static readonly TimeSpan ServedPatience = TimeSpan.FromSeconds(60);
    private static readonly ResourceKind Services = new("", "v1", "services", "Service", IsNamespaced: true);
    private static readonly ResourceKind ApiServices = new("apiregistration.k8s.io", "v1", "apiservices", "APIService", IsNamespaced: false);

    private readonly KubeApiServerOptions _options;
    private readonly bool _wantsRules;
    private CustomResourceServer? _definitions;

    /// <summary>Names one; nothing is started.</summary>
    /// <param name="options">How the server is started.</param>
    /// <param name="wantsRules">Whether rules in definitions must be looked at.</param>
    public DamonControlPlane(KubeApiServerOptions options, bool wantsRules = false)
    {
        _options = options with { Aggregates = options.Aggregates || wantsRules };
        _wantsRules = wantsRules;
        Server = new KubeApiServer(_options);
    }

    public KubeApiServer Server { get; }

    /// <summary>An admin's.</summary>
    public ApiClient Client => Server.Client;

    /// <summary>Where definitions are given to: the server itself, or the one behind it.</summary>
    public ApiServer DefinitionsServer => _definitions is null ? Server : _definitions;

    /// <summary>The etcd in which our kinds are.</summary>
    public Etcd Etcd => DefinitionsServer.Etcd;

    /// <summary>Starts what is needed.</summary>
    /// <param name="cancellation">Gives up.</param>
    /// <param name="installs">Whether our definitions are given to it; else by <see cref="InstallAsync"/>.</param>
    /// <returns>Why it is not what was wanted, or null. It is started in any case.</returns>
    public async Task<string?> StartAsync(CancellationToken cancellation, bool installs = true)
    {
        await Server.StartAsync(cancellation);
        if (_wantsRules && await Server.MinorVersionAsync(cancellation) is var minor && minor < MinMinorWithRules)
        {
            if (!ControlPlaneAssets.Has(ControlPlaneAssets.CustomResourceServer))
                return $"The API server is Kubernetes 1.{minor}; rules in definitions need 1.{MinMinorWithRules}, or {ControlPlaneAssets.CustomResourceServer} beside it.";
            await JoinAsync(cancellation);
        }

        if (installs)
            await InstallAsync(static (_, yaml) => yaml, cancellation);
        return null;
    }

    /// <summary>Gives it the definitions of <c>deploy/crds</c>, and waits until their kinds are served.</summary>
    /// <param name="change">Makes an older or newer definition of one: its plural and its text.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task InstallAsync(Func<string, string, string> change, CancellationToken cancellation)
    {
        foreach (var kind in DamonKinds.All)
        {
            var yaml = change(kind.Plural, RepositoryFiles.Text($"deploy/crds/{kind.Plural}.yaml"));
            var applied = await ApplyAsync(kind, yaml, cancellation);
            // A server from before rules drops them when an object is made, and refuses to apply them.
            if (applied.Failure is { } refused && refused.Message.Contains(Rules, StringComparison.Ordinal))
                applied = await ApplyAsync(kind, Manifests.Without(yaml, Rules), cancellation);
            if (!applied.Succeeded)
                throw new InvalidOperationException($"The definition of {kind} was not taken: {applied.Failure}");
            await Eventually.HoldsAsync(
                async () => (await Client.ListAsync(new ObjectQuery(kind), new ListPosition(), static _ => { }, cancellation)).Succeeded,
                $"that {kind} is served",
                ServedPatience,
                cancellation);
        }
    }

    public void Dispose()
    {
        Server.Dispose();
        _definitions?.Dispose();
    }

    private Task<ApiResult<ReadOnlyMemory<byte>>> ApplyAsync(ResourceKind kind, string yaml, CancellationToken cancellation) =>
        DefinitionsServer.Client.PatchAsync(
            DamonKinds.Definitions, new ObjectKey($"{kind.Plural}.{kind.Group}"), PatchKind.Apply, Encoding.UTF8.GetBytes(yaml), "damon-tests", force: true, cancellation);

    private async Task JoinAsync(CancellationToken cancellation)
    {
        _definitions = new CustomResourceServer(_options.LongestLife);
        await _definitions.StartAsync(cancellation);
        await CreateAsync(
            Services,
            "default",
            $$"""{"apiVersion":"v1","kind":"Service","metadata":{"name":"damon-kinds"},"spec":{"type":"ExternalName","externalName":"localhost","ports":[{"port":{{_definitions.Port}} }] } }""",
            cancellation);
        await CreateAsync(
            ApiServices,
            "",
            $$"""
            {"apiVersion":"apiregistration.k8s.io/v1","kind":"APIService","metadata":{"name":"v1alpha1.damon.dev"},"spec":{"group":"damon.dev","version":"v1alpha1","groupPriorityMinimum":1000,
             "versionPriority":15,"insecureSkipTLSVerify":true,"service":{"namespace":"default","name":"damon-kinds","port":{{_definitions.Port}} } } }
            """,
            cancellation);
    }

    private async Task CreateAsync(ResourceKind kind, string ns, [StringSyntax(StringSyntaxAttribute.Json)] string json, CancellationToken cancellation)
    {
        var created = await Client.CreateAsync(kind, ns, Encoding.UTF8.GetBytes(json), cancellation);
        if (!created.Succeeded)
            throw new InvalidOperationException($"{kind} was not taken: {created.Failure}");
    }
}
