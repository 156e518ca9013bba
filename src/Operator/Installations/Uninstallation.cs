using Damon.Api.Clusters;
using Damon.Hosting.Processes;
using Damon.Kubernetes.Objects;
using Damon.Kubernetes.Requests;
using Damon.Operator.Cluster;
using Damon.Operator.Json;
using Damon.Operator.Schemes;

namespace Damon.Operator.Installations;

/// <summary>
/// What has to happen before the product is taken out of a cluster: everything is Off and put back as far as it can be, and no scheme keeps a finalizer that nobody is left to take off. Whatever does not work is told
/// and passed over: an uninstallation must not fail because of what is being uninstalled.
/// </summary>
/// <param name="client">Sends the requests.</param>
/// <param name="log">Where it is told.</param>
/// <param name="time">The clock.</param>
internal sealed class Uninstallation(ApiClient client, IProcessLog log, TimeProvider time)
{
    /// <summary>The longest time for nodes to answer. With <see cref="StripGrace"/> below the two minutes after which an operator takes an Off for that of a former uninstallation.</summary>
    internal static readonly TimeSpan MaxPatience = TimeSpan.FromSeconds(60);

    /// <summary>How long taking off finalizers may take.</summary>
    internal static readonly TimeSpan StripGrace = TimeSpan.FromSeconds(30);

    private const string FieldManager = "damon-uninstall";
    private const int PageSize = 250;
    private const int MostNamed = 10;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);
    private static readonly ObjectKey Config = new(DamonClusterConfigReader.Name);

    /// <summary>Does it.</summary>
    /// <param name="patience">How long nodes have for putting back.</param>
    /// <param name="cancellation">Ends it at once.</param>
    public async Task RunAsync(TimeSpan patience, CancellationToken cancellation)
    {
        var began = time.GetTimestamp();
        if (await WithinAsync(began, patience, TurnOffAsync, "The cluster could not be set to Off in time.", cancellation))
            await WithinAsync(began, patience, HaveAllAnsweredAsync, "Not every node has said in time that it has put back what it had changed: agents do it when they are ended, too.", cancellation);
        await WithinAsync(time.GetTimestamp(), StripGrace, StripAsync, "Not every scheme could be freed of its finalizer in time: 'kubectl patch damonscheme NAME --type=json' with an empty list takes it off.", cancellation);
    }

    /// <summary>Tries until it is done, is not to be had, or its time is over.</summary>
    /// <returns>Whether it was done.</returns>
    private async Task<bool> WithinAsync(long began, TimeSpan patience, Func<CancellationToken, Task<Progress>> step, string late, CancellationToken cancellation)
    {
        while (true)
        {
            switch (await step(cancellation))
            {
                case Progress.Done:
                    return true;
                case Progress.Impossible:
                    return false;
            }

            if (time.GetElapsedTime(began) + Pause > patience)
            {
                log.Warn(late);
                return false;
            }

            await Task.Delay(Pause, time, cancellation);
        }
    }

    private async Task<Progress> TurnOffAsync(CancellationToken cancellation)
    {
        var found = await client.GetAsync(OperatorKinds.Configs, Config, cancellation);
        if (found.Failure is { Kind: ApiFailureKind.NotFound })
        {
            // An operator that is still there would make one that lets schemes act.
            var made = await client.CreateAsync(OperatorKinds.Configs, "", OffObject(resourceVersion: null), cancellation);
            return Judge(made.Failure, "There was no configuration of the cluster; one with the mode Off was made.", "No configuration with the mode Off could be made");
        }

        if (found.Failure is { } failure)
            return Judge(failure, "", "The configuration of the cluster could not be read");
        var (isOff, isByUninstall, version) = Read(found.Value.Span);
        if (isOff)
        {
            log.Info(isByUninstall ? "The cluster is Off already by an uninstallation." : "The cluster is Off already, by an admin: the next installation leaves it Off.");
            return Progress.Done;
        }

        var patched = await client.PatchAsync(OperatorKinds.Configs, Config, PatchKind.Merge, OffObject(version), FieldManager, force: false, cancellation);
        return Judge(patched.Failure, "The cluster was set to Off; the next installation takes that back.", "The cluster could not be set to Off");
    }

    private async Task<Progress> HaveAllAnsweredAsync(CancellationToken cancellation)
    {
        List<string> missing = [];
        var count = 0;
        var listed = await client.ListAsync(
            new ObjectQuery(OperatorKinds.Nodes),
            // From the server's memory: it is asked every two seconds, and an older answer only makes it wait.
            new ListPosition { ResourceVersion = "0" },
            utf8 =>
            {
                var echo = PlanEcho.Read(utf8);
                count++;
                if (echo is { HasAgent: true } and not { IsOff: true, IsEchoed: true })
                    missing.Add(echo.Node);
            },
            cancellation);
        if (listed.Failure is { } failure)
            return Judge(failure, "", "The plans of nodes could not be read");
        if (missing.Count == 0)
        {
            log.Info($"All of {count} nodes are Off, as far as they have an agent.");
            return Progress.Done;
        }

        log.Info($"{missing.Count} of {count} nodes have not said yet that they are Off: {string.Join(", ", missing.Take(MostNamed))}{(missing.Count > MostNamed ? ", …" : "")}.");
        return Progress.NotYet;
    }

    private async Task<Progress> StripAsync(CancellationToken cancellation)
    {
        List<(string Name, string Version, IReadOnlyList<string> Finalizers)> held = [];
        var position = new ListPosition { Limit = PageSize };
        do
        {
            var listed = await client.ListAsync(
                new ObjectQuery(OperatorKinds.Schemes) { MetadataOnly = true },
                position,
                utf8 =>
                {
                    var metadata = ObjectMetadata.Of(utf8);
                    if (metadata.Finalizers.Contains(SchemeObject.Finalizer, StringComparer.Ordinal))
                        held.Add((metadata.RequireName(), metadata.ResourceVersion, [.. metadata.Finalizers.Where(one => one != SchemeObject.Finalizer)]));
                },
                cancellation);
            if (listed.Failure is { } failure)
                return Judge(failure, "", "The schemes could not be read");
            position = position with { Continue = listed.Value.Continue };
        }
        while (position.Continue.Length > 0);

        if (held.Count == 0)
        {
            log.Info("No scheme has the operator's finalizer.");
            return Progress.Done;
        }

        foreach (var (name, version, finalizers) in held)
        {
            var patched = await client.PatchAsync(OperatorKinds.Schemes, new ObjectKey(name), PatchKind.Merge, FinalizersPatch.Write(version, finalizers), FieldManager, force: false, cancellation);
            if (patched.Failure is null or { Kind: ApiFailureKind.NotFound })
                log.Info($"The finalizer was taken off the scheme {name}.");
            else
                log.Warn($"The finalizer could not be taken off the scheme {name}: {patched.Failure}");
        }

        // Whether it stays off is seen in the next list: an operator of an older version puts it on again.
        return Progress.NotYet;
    }

    private Progress Judge(ApiFailure? failure, string done, string failed)
    {
        if (failure is null)
        {
            if (done.Length > 0)
                log.Info(done);
            return Progress.Done;
        }

        log.Warn($"{failed}: {failure}");
        return failure.IsTransient || failure.Kind == ApiFailureKind.AlreadyExists ? Progress.NotYet : Progress.Impossible;
    }

    private static (bool IsOff, bool IsByUninstall, string Version) Read(ReadOnlySpan<byte> utf8)
    {
        var config = ConfigObject.Read(utf8);
        return (config.Rules.Mode == ClusterMode.Off, config.IsOffByUninstall, ObjectMetadata.Of(utf8).ResourceVersion);
    }

    /// <summary>An object to make, or with a version a patch of that very one: an admin may be changing it.</summary>
    private static byte[] OffObject(string? resourceVersion) => JsonBytes.OfObject(json =>
    {
        if (resourceVersion is null)
        {
            json.WriteString("apiVersion", OperatorKinds.Configs.ApiVersion);
            json.WriteString("kind", OperatorKinds.Configs.Kind);
        }

        json.WriteStartObject("metadata");
        json.WriteString("name", Config.Name);
        if (resourceVersion is not null)
            json.WriteString("resourceVersion", resourceVersion);
        json.WriteStartObject("annotations");
        json.WriteString(ConfigObject.OffByAnnotation, ConfigObject.Uninstall);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteStartObject("spec");
        json.WriteString("mode", nameof(ClusterMode.Off));
        json.WriteEndObject();
    });

    private enum Progress
    {
        Done,
        NotYet,
        Impossible,
    }
}
