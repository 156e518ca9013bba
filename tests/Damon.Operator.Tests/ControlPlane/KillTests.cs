using System.Text.Json.Nodes;
using Damon.Engine.Regions;
using Damon.Kubernetes.Objects;
using Damon.Testing;
using Damon.Testing.ControlPlane.Faults;
using Damon.Testing.ControlPlane.Programs;
using Damon.Testing.ControlPlane.Servers;

namespace Damon.Operator.Tests.ControlPlane;

/// <summary>The operator is killed by SIGKILL again and again, each time just before or just after one of its writes, while schemes are rolled out.</summary>
public class KillTests
{
    private const int Kills = 50;
    private const int NodeCount = 12;
    private const int MostWrites = 24;
    private const ulong Seed = 20;

    private static readonly string[] Schemes = ["first", "second"];
    private static readonly TimeSpan KillPatience = TimeSpan.FromSeconds(4);
    private static readonly ObjectKey LeaseKey = new(RunningOperator.Namespace, "damon-operator");

    [Fact]
    public async Task Killed_at_fifty_points_of_rollouts_it_ends_where_it_would_have_undisturbed()
    {
        await using var world = await OperatorWorld.StartAsync(new() { IsLong = true, Nodes = NodeCount });
        await using var proxy = await FaultProxy.StartAsync(world.Plane.Server, TestContext.Current.CancellationToken);
        var chance = new RandomSource(Seed);
        var (before, after, idle) = (0, 0, 0);
        var version = 0;
        for (var kill = 0; kill < Kills; kill++)
        {
            // A change whenever the last one has arrived, so that something is always under way.
            if (await HasArrivedAsync(world))
                await ChangeAsync(world, ++version);
            var one = world.StartOperator($"run-{kill}", user: null, proxy.Url);
            var point = 1 + (int)(chance.NextShare() * MostWrites);
            var isBefore = chance.NextShare() < 0.5;
            if (await KillAtAsync(proxy, one, point, isBefore))
                _ = isBefore ? before++ : after++;
            else
                idle++;
            await CheckAdmissionsAsync(world);

            // Every tenth waits for the dead one's lease, as in a cluster; else it is taken away: its holder is known to be dead.
            if (kill % 10 != 0)
                await world.Client.DeleteAsync(ResourceKind.Leases, LeaseKey, uid: null, TestContext.Current.CancellationToken);
        }

        (before + after).Should().BeGreaterThan(Kills / 2, "most kills are to come at writes");
        TestContext.Current.SendDiagnosticMessage($"killed {before} times before and {after} times after a write, {idle} times when nothing was left to write; {version} changes");

        await ChangeAsync(world, ++version);
        var last = world.StartOperator("last", user: null, proxy.Url);
        await ArriveAsync(world);
        var disturbed = await StateAsync(world);

        // The same once more, from nothing and in peace.
        foreach (var scheme in Schemes)
            await world.DeleteAsync(DamonKinds.Schemes, scheme);
        await world.UntilAsync(async () => (await world.ListAsync(DamonKinds.Schemes)).Count == 0, "that the schemes are gone");
        last.Messages("error").Should().BeEmpty();
        (await last.Process.StopAsync(OperatorWorld.Patience, TestContext.Current.CancellationToken)).Should().Be(0);
        foreach (var node in world.Nodes.Names)
            await world.DeleteAsync(DamonKinds.Nodes, node);
        world.StartOperator("undisturbed", user: null, proxy.Url);
        await ChangeAsync(world, version);
        await ArriveAsync(world);
        disturbed.Should().Be(await StateAsync(world));
    }

    /// <summary>Kills it at its n-th write: before the server has heard of that, or when the server has carried it out and the operator not heard of it.</summary>
    /// <returns>Whether it came so far; else it was killed when its time was over.</returns>
    private static async Task<bool> KillAtAsync(FaultProxy proxy, RunningOperator one, int point, bool isBefore)
    {
        var writes = 0;
        var killed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        bool Look(ProxiedRequest request)
        {
            if (request is not { IsWrite: true, Resource: not "leases" } || Interlocked.Increment(ref writes) != point)
                return true;
            one.Process.Kill();
            killed.SetResult();
            return false;
        }

        if (isBefore)
            proxy.Before = request => Task.FromResult(Look(request));
        else
            proxy.After = request => Task.FromResult(Look(request));
        try
        {
            await killed.Task.WaitAsync(KillPatience, TimeProvider.System, TestContext.Current.CancellationToken);
            return true;
        }
        catch (TimeoutException)
        {
            one.Process.Kill();
            return false;
        }
        finally
        {
            (proxy.Before, proxy.After) = (null, null);
        }
    }

    private static async Task ChangeAsync(OperatorWorld world, int version)
    {
        foreach (var scheme in Schemes)
            await world.ApplySchemeAsync(scheme, OperatorWorld.Spec("Enforce", 60 + version, rollout: "{canary: {percent: 10%, soak: 1s}, steps: [40%, 100%], maxConcurrentNodes: 25%}"));
    }

    private static async Task<bool> HasArrivedAsync(OperatorWorld world)
    {
        var found = (await world.ListAsync(DamonKinds.Schemes)).Select(scheme => new SchemeReading(scheme)).ToList();
        return found.TrueForAll(scheme => scheme is { IsCurrent: true, Phase: "Done" });
    }

    private static async Task ArriveAsync(OperatorWorld world)
    {
        foreach (var scheme in Schemes)
            await world.UntilDoneAsync(scheme);
    }

    /// <summary>At no moment may more nodes act under the current version than its phase lets.</summary>
    private static async Task CheckAdmissionsAsync(OperatorWorld world)
    {
        // The status first: what plans say after it can only be more.
        var schemes = (await world.ListAsync(DamonKinds.Schemes)).Select(scheme => new SchemeReading(scheme)).Where(scheme => scheme.IsCurrent).ToList();
        var plans = await world.ListAsync(DamonKinds.Nodes);
        foreach (var scheme in schemes)
        {
            var name = scheme.Object["metadata"]!["name"]!.GetValue<string>();
            var acting = plans.Count(plan => plan["spec"]!["schemes"]!.AsArray().Any(
                entry => entry!["name"]!.GetValue<string>() == name && entry["hash"]!.GetValue<string>() == scheme.Hash && PlanEntry.SpecOf(entry)["mode"]?.GetValue<string>() == "Enforce"));
            var most = scheme.Phase switch
            {
                "Observing" => 0,
                "Canary" or "Soaking" => 2,
                "Stepping" when scheme.Step <= 1 => 5,
                _ => NodeCount,
            };
            acting.Should().BeLessThanOrEqualTo(most, "in the phase {0} of {1}", scheme.Phase, name);
        }
    }

    /// <summary>Everything that the operator has written, without what differs between two runs for good reason: times, identities, counts of changes, what the kernel of simulated agents measured.</summary>
    private static async Task<string> StateAsync(OperatorWorld world)
    {
        var state = new JsonArray();
        foreach (var found in (await world.ListAsync(DamonKinds.Schemes)).Concat(await world.ListAsync(DamonKinds.Nodes)).OrderBy(found => found["metadata"]!["name"]!.GetValue<string>(), StringComparer.Ordinal))
        {
            var isScheme = found["kind"]?.GetValue<string>() == "DamonScheme" || found["spec"]!["action"] is not null;
            state.Add(new JsonObject
            {
                ["name"] = found["metadata"]!["name"]!.DeepClone(),
                ["finalizers"] = found["metadata"]!["finalizers"]?.DeepClone(),
                ["written"] = Without(isScheme ? found["status"]! : found["spec"]!, "observedGeneration", "lastTransitionTime", "since", "uid", "generation", "createdAt", "effect", "revision", "former"),
            });
        }

        // A version's name is made of the scheme's uid too, and the scheme was made anew.
        var text = state.ToJsonString(new() { WriteIndented = true });
        foreach (var scheme in await world.ListAsync(DamonKinds.Schemes))
            text = text.Replace(new SchemeReading(scheme).Hash, $"the version of {scheme["metadata"]!["name"]!.GetValue<string>()}", StringComparison.Ordinal);
        return text;
    }

    private static JsonNode? Without(JsonNode? node, params string[] names) => node switch
    {
        JsonObject fields => new JsonObject(fields.Where(field => !names.Contains(field.Key)).OrderBy(field => field.Key, StringComparer.Ordinal).Select(field => KeyValuePair.Create(field.Key, Without(field.Key == "document" ? PlanEntry.DocumentOf(fields) : field.Value, names)))),
        JsonArray items => new JsonArray([.. items.Select(item => Without(item, names))]),
        _ => node?.DeepClone(),
    };
}
