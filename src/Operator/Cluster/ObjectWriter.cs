using Damon.Kubernetes.Objects;
using Damon.Kubernetes.Requests;
using Damon.Operator.Metrics;

namespace Damon.Operator.Cluster;

/// <summary>Everything that a term writes beside events: paced, asked for the lease at the last moment, and counted. Each request is sent once; the queues repeat.</summary>
/// <param name="client">Sends the requests; fenced.</param>
/// <param name="pacer">Lets them through.</param>
/// <param name="meter">Counts them.</param>
internal sealed class ObjectWriter(ApiClient client, WritePacer pacer, OperatorMeter meter)
{
    /// <summary>The one name under which the operator writes.</summary>
    public const string FieldManager = "damon-operator";

    /// <summary>Waits until a write may be sent: what is to be written is decided afterwards, from what is known by then.</summary>
    /// <returns>To be given to the write.</returns>
    public Task<long> WaitAsync(CancellationToken cancellation) => pacer.WaitAsync(cancellation);

    /// <summary>Makes an object.</summary>
    public async Task<ApiResult<ReadOnlyMemory<byte>>> CreateAsync(long ticket, ResourceKind resource, ReadOnlyMemory<byte> body, CancellationToken cancellation) =>
        Tell(ticket, resource.Plural, body, await client.CreateAsync(resource, "", body, cancellation));

    /// <summary>Applies the fields that are the operator's, forced: they are nobody else's.</summary>
    public async Task<ApiResult<ReadOnlyMemory<byte>>> ApplyAsync(long ticket, ResourceKind resource, string name, ReadOnlyMemory<byte> body, string? subresource, CancellationToken cancellation) =>
        Tell(
            ticket,
            subresource is null ? resource.Plural : $"{resource.Plural}/{subresource}",
            body,
            await client.PatchAsync(resource, new ObjectKey(name), PatchKind.Apply, body, FieldManager, force: true, cancellation, subresource));

    /// <summary>Changes some fields of what others own.</summary>
    public async Task<ApiResult<ReadOnlyMemory<byte>>> MergeAsync(long ticket, ResourceKind resource, string name, ReadOnlyMemory<byte> body, CancellationToken cancellation) =>
        Tell(ticket, resource.Plural, body, await client.PatchAsync(resource, new ObjectKey(name), PatchKind.Merge, body, FieldManager, force: false, cancellation));

    /// <summary>Deletes an object if it is the one that is meant.</summary>
    public async Task<ApiResult<ReadOnlyMemory<byte>>> DeleteAsync(long ticket, ResourceKind resource, string name, string uid, CancellationToken cancellation) =>
        Tell(ticket, resource.Plural, default, await client.DeleteAsync(resource, new ObjectKey(name), uid, cancellation));

    private ApiResult<ReadOnlyMemory<byte>> Tell(long ticket, string resource, ReadOnlyMemory<byte> body, ApiResult<ReadOnlyMemory<byte>> result)
    {
        pacer.Tell(ticket, result.Failure);
        meter.Written(resource, body.Length, result.Failure);
        return result;
    }
}
