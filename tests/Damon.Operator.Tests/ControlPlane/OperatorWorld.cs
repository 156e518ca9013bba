using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Damon.Kubernetes.Objects;
using Damon.Kubernetes.Requests;
using Damon.Testing.ControlPlane.Agents;
using Damon.Testing.ControlPlane.Programs;
using Damon.Testing.ControlPlane.Servers;

namespace Damon.Operator.Tests.ControlPlane;

/// <summary>A real control plane with simulated nodes and agents, for operators that are processes and come with the role of <c>deploy/rbac</c>.</summary>
internal sealed class OperatorWorld : IAsyncDisposable
{
    /// <summary>For what takes a moment on a machine that does something else at the same time.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>The shortest lease that the operator takes, but for a machine that is busy.</summary>
    public const string Lease = "5s";

    private const int MinMinorWithClusterEvents = 21;

    private static readonly ResourceKind Bindings = new("rbac.authorization.k8s.io", "v1", "clusterrolebindings", "ClusterRoleBinding", IsNamespaced: false);
    private static readonly ResourceKind NamespacedBindings = new("rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding", IsNamespaced: true);

    private readonly OperatorWorldOptions _options;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<RunningOperator> _operators = [];
    private Task _playing = Task.CompletedTask;

    private OperatorWorld(OperatorWorldOptions options)
    {
        _options = options;
        TestUser[] operators = [RunningOperator.User, .. options.FurtherOperators];
        Plane = new DamonControlPlane(
            new KubeApiServerOptions
            {
                Users = [.. operators, .. options.Users],
                AuditPolicy = AuditLog.PolicyFor([.. operators.Concat(options.Users).Select(user => user.Name)]),
            },
            options.WantsRules);
        Audit = new AuditLog(Plane.Server.AuditLogPath);
    }

    public DamonControlPlane Plane { get; }

    public ApiClient Client => Plane.Client;

    /// <summary>What operators, and the further users, asked for.</summary>
    public AuditLog Audit { get; }

    public SimulatedNodes Nodes { get; private set; } = null!;

    public SimulatedAgents Agents { get; private set; } = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Starts one, or skips the test where that is not possible.</summary>
    public static async Task<OperatorWorld> StartAsync(OperatorWorldOptions? options = null)
    {
        if (ControlPlaneAssets.WhyNot(ControlPlaneAssets.KubeApiServer) is { } reason)
            Assert.Skip(reason);
        if (options is { IsLong: true } && Environment.GetEnvironmentVariable("DAMON_CONTROL_PLANE") != "full")
            Assert.Skip("It takes minutes: 'make control-plane' runs it, with the rest of this tier.");
        var world = new OperatorWorld(options ?? new());
        try
        {
            if (await world.BeginAsync() is { } lacking)
                Assert.Skip(lacking);
            return world;
        }
        catch
        {
            await world.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts an operator.</summary>
    /// <param name="identity">Its name among several.</param>
    /// <param name="user">As whom it comes; null for the usual one.</param>
    /// <param name="via">Where it finds the server; null for directly.</param>
    /// <param name="flags">Further flags.</param>
    public RunningOperator StartOperator(string identity = "one", TestUser? user = null, Uri? via = null, params string[] flags)
    {
        var started = new RunningOperator(
            Plane.Server.KubeconfigOf(user ?? RunningOperator.User, via), identity, TimeSpan.FromMinutes(10), [.. flags.Contains("--lease-duration") ? [] : (string[])["--lease-duration", Lease], .. flags]);
        _operators.Add(started);
        return started;
    }

    /// <summary>A scheme that pages out, as it is given to the server.</summary>
    /// <param name="mode">Its mode.</param>
    /// <param name="ageSeconds">What makes one version another.</param>
    /// <param name="rollout">Its rollout, in YAML's flow form.</param>
    /// <param name="extra">Further fields of the spec.</param>
    public static string Spec(string mode, int ageSeconds = 120, string rollout = "{canary: {percent: 10%, soak: 1s}, steps: [50%, 100%], maxConcurrentNodes: 50%}", string extra = "") =>
        $$"""
        mode: {{mode}}
          target: {podSelector: {matchLabels: {app: cache} } }
          pattern: {accessRate: {max: 0%}, age: {min: {{ageSeconds.ToString(CultureInfo.InvariantCulture)}}s} }
          action: {type: Pageout}
          quota: {size: 8Mi}
          rollout: {{rollout}}
          {{extra}}
        """;

    /// <summary>Gives the server the cluster's configuration.</summary>
    public async Task ApplyConfigAsync(string mode) =>
        (await Manifests.ApplyAsync(Client, $"apiVersion: damon.dev/v1alpha1\nkind: DamonClusterConfig\nmetadata: {{name: cluster}}\nspec: {{mode: {mode}}}\n", Cancellation)).Should().BeEmpty();

    /// <summary>Gives the server a scheme.</summary>
    public async Task ApplySchemeAsync(string name, string spec)
    {
        var refused = await TryApplySchemeAsync(name, spec);
        refused.Should().BeNull();
    }

    /// <summary>Gives the server a scheme.</summary>
    /// <returns>Why it was not taken, or null.</returns>
    public async Task<ApiFailure?> TryApplySchemeAsync(string name, string spec) =>
        (await Client.PatchAsync(
            DamonKinds.Schemes,
            new ObjectKey(name),
            PatchKind.Apply,
            Encoding.UTF8.GetBytes($"apiVersion: damon.dev/v1alpha1\nkind: DamonScheme\nmetadata: {{name: \"{name}\"}}\nspec:\n  {spec}\n"),
            "admin",
            force: true,
            Cancellation)).Failure;

    /// <summary>Merges something into an object.</summary>
    public async Task MergeAsync(ResourceKind kind, string name, string json) =>
        (await Client.PatchAsync(kind, new ObjectKey(name), PatchKind.Merge, Encoding.UTF8.GetBytes(json), "admin", force: false, Cancellation)).Failure.Should().BeNull();

    /// <summary>Asks the server to delete an object.</summary>
    public async Task DeleteAsync(ResourceKind kind, string name) => (await Client.DeleteAsync(kind, new ObjectKey(name), uid: null, Cancellation)).Failure.Should().BeNull();

    /// <summary>An object as it is now; null where there is none.</summary>
    public async Task<JsonNode?> ReadAsync(ResourceKind kind, ObjectKey key)
    {
        var read = await AskAsync(() => Client.GetAsync(kind, key, Cancellation));
        if (read is { Succeeded: false, Failure.Kind: ApiFailureKind.NotFound })
            return null;
        read.Failure.Should().BeNull();
        return JsonNode.Parse(read.Value.Span);
    }

    public Task<JsonNode?> SchemeAsync(string name) => ReadAsync(DamonKinds.Schemes, new ObjectKey(name));

    public Task<JsonNode?> PlanAsync(string node) => ReadAsync(DamonKinds.Nodes, new ObjectKey(node));

    /// <summary>Every object of a kind.</summary>
    public async Task<IReadOnlyList<JsonNode>> ListAsync(ResourceKind kind)
    {
        List<JsonNode> objects = [];
        (await AskAsync(() =>
        {
            objects.Clear();
            return Client.ListAsync(new ObjectQuery(kind), new ListPosition(), json => objects.Add(JsonNode.Parse(json)!), Cancellation);
        })).Failure.Should().BeNull();
        return objects;
    }

    /// <summary>Asks again where the server says that it is not ready yet, as one does that has just been started: what is tested is the operator.</summary>
    private static async Task<ApiResult<T>> AskAsync<T>(Func<Task<ApiResult<T>>> ask)
    {
        var time = TimeProvider.System;
        for (var started = time.GetTimestamp(); ;)
        {
            var answer = await ask();
            if (answer.Failure is not { IsTransient: true } || time.GetElapsedTime(started) > Patience)
                return answer;
            await Task.Delay(TimeSpan.FromMilliseconds(200), time, Cancellation);
        }
    }

    /// <summary>Whether the server takes events about objects without a namespace where the operator writes them. Kubernetes 1.20 wants them elsewhere, and what is about them is then left out, with a word.</summary>
    public async Task<bool> TakesClusterEventsAsync()
    {
        if (await Plane.Server.MinorVersionAsync(Cancellation) >= MinMinorWithClusterEvents)
            return true;
        TestContext.Current.SendDiagnosticMessage("Events about schemes are left out: this server does not take them in the namespace default.");
        return false;
    }

    /// <summary>Waits for what a scheme's status is to say.</summary>
    public async Task<SchemeReading> UntilSchemeAsync(string name, Func<SchemeReading, bool> holds, string what, TimeSpan? patience = null)
    {
        SchemeReading? last = null;
        await UntilAsync(
            async () =>
            {
                if (await SchemeAsync(name) is not { } found)
                    return false;
                last = new SchemeReading(found);
                return holds(last);
            },
            $"{name}: {what}",
            patience,
            () => $"{last?.Object.ToJsonString()}");
        return last!;
    }

    /// <summary>Waits until a scheme acts on all nodes that it is for.</summary>
    public Task<SchemeReading> UntilDoneAsync(string name, TimeSpan? patience = null) =>
        UntilSchemeAsync(
            name, scheme => scheme is { IsCurrent: true, Phase: "Done", Ready: "True" } && scheme.Nodes("active") == _options.Nodes && scheme.Nodes("updated") == _options.Nodes, "acts on all nodes", patience);

    /// <summary>Waits until the nodes' plans are as they are to be.</summary>
    public Task UntilPlansAsync(Func<IReadOnlyList<JsonNode>, bool> hold, string what, TimeSpan? patience = null) =>
        UntilAsync(async () => hold(await ListAsync(DamonKinds.Nodes)), what, patience, () => $"{Agents.Written} statuses written, {Agents.Failed} not");

    public async Task UntilAsync(Func<Task<bool>> holds, string what, TimeSpan? patience = null, Func<string>? state = null) =>
        await Eventually.HoldsAsync(
            holds, what, patience ?? Patience, Cancellation, () => $"{state?.Invoke()}\n{string.Join("\n", _operators.Select(one => $"operator, {(one.Process.HasExited ? $"exit code {one.Process.ExitCode}" : "runs")}:\n{one.Process.Output}"))}");

    /// <summary>Waits until one of them leads.</summary>
    public async Task<RunningOperator> UntilLeaderAsync(params RunningOperator[] operators)
    {
        RunningOperator? leader = null;
        await UntilAsync(
            async () =>
            {
                foreach (var one in operators)
                {
                    one.Process.HasExited.Should().BeFalse(one.Process.Output);
                    if (await one.IsLeaderAsync(Cancellation))
                        leader = one;
                }

                return leader is not null;
            },
            "a leader");
        return leader!;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        foreach (var one in _operators)
            one.Dispose();
        await _playing;
        Agents?.Dispose();
        Plane.Dispose();
        _stop.Dispose();
    }

    private async Task<string?> BeginAsync()
    {
        if (await Plane.StartAsync(Cancellation, _options.InstallsDefinitions) is { } lacking)
            return lacking;
        Nodes = new SimulatedNodes(Client, new SimulatedNodesOptions { Count = _options.Nodes, Namespace = RunningOperator.Namespace, PodLabels = RunningOperator.AgentLabels, Images = 0, Writers = 8 });
        await Nodes.CreateAsync(made: null, Cancellation);
        (await Manifests.ApplyFolderAsync(Client, "deploy/rbac", Cancellation)).Should().BeEmpty();
        foreach (var user in _options.FurtherOperators)
            await BindAsync(user);
        if (_options is { InstallsDefinitions: true, Mode: { } mode })
            await ApplyConfigAsync(mode);
        Agents = new SimulatedAgents(Client, _options.Agents, seed: 1);
        if (_options.PlaysAgents)
            _playing = Agents.RunAsync(_stop.Token);
        return null;
    }

    /// <summary>Gives a user what the operator may: each of its bindings again, for this one.</summary>
    private async Task BindAsync(TestUser user)
    {
        foreach (var kind in (ResourceKind[])[Bindings, NamespacedBindings])
        {
            foreach (var binding in await ListAsync(kind))
            {
                var subjects = binding["subjects"]?.AsArray() ?? [];
                if (!subjects.Any(subject => subject!["kind"]!.GetValue<string>() == "ServiceAccount" && RunningOperator.User.Name.EndsWith($":{subject["name"]!.GetValue<string>()}", StringComparison.Ordinal)))
                    continue;
                var metadata = new JsonObject { ["name"] = $"{binding["metadata"]!["name"]!.GetValue<string>()}-{user.Name.Split(':')[^1]}" };
                var ns = binding["metadata"]!["namespace"]?.GetValue<string>() ?? "";
                if (ns.Length > 0)
                    metadata["namespace"] = ns;
                var again = new JsonObject
                {
                    ["apiVersion"] = "rbac.authorization.k8s.io/v1",
                    ["kind"] = kind.Kind,
                    ["metadata"] = metadata,
                    ["roleRef"] = binding["roleRef"]!.DeepClone(),
                    ["subjects"] = new JsonArray(new JsonObject { ["kind"] = "User", ["name"] = user.Name, ["apiGroup"] = "rbac.authorization.k8s.io" }),
                };
                (await Client.CreateAsync(kind, ns, Encoding.UTF8.GetBytes(again.ToJsonString()), Cancellation)).Failure.Should().BeNull();
            }
        }
    }
}
