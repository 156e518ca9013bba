using Damon.Kubernetes.Objects;
using Damon.Kubernetes.Timing;

namespace Damon.Kubernetes.Requests;

/// <summary>
/// Writes the fields that one manager wants, and all of them each time: what it leaves out it gives up. An apply may be repeated, so an answer that was lost is no harm.
/// </summary>
/// <param name="client">Sends the requests.</param>
/// <param name="fieldManager">The one name that this process writes under, at most 128 characters.</param>
/// <param name="options">How often.</param>
/// <param name="time">The clock.</param>
/// <param name="seed">Of the chance in waits.</param>
public sealed class ServerSideApply(ApiClient client, string fieldManager, ServerSideApplyOptions options, TimeProvider time, ulong seed)
{
    private readonly Chance _chance = new(seed);

    /// <summary>Applies an object's fields.</summary>
    /// <param name="resource">Its kind.</param>
    /// <param name="key">Which one. An object that is not there is made; a status of one that is not there is <see cref="ApiFailureKind.NotFound"/>.</param>
    /// <param name="body">
    /// JSON with apiVersion, kind, metadata.name and the wanted fields. A <c>metadata.uid</c> is no condition where a status is written (servers do not look at it); a
    /// <c>metadata.resourceVersion</c> is one, and a conflict then repeats in vain: such an apply is for <see cref="ApiClient.PatchAsync"/>.
    /// </param>
    /// <param name="subresource">As <c>status</c>, or null.</param>
    /// <param name="force">Takes fields that other managers have. Right for the owner of a half; else a field of another's is <see cref="ApiFailureKind.FieldConflict"/>, which no repetition cures.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The object as it is afterwards, or the last attempt's failure.</returns>
    public async Task<ApiResult<ReadOnlyMemory<byte>>> ApplyAsync(
        ResourceKind resource, ObjectKey key, ReadOnlyMemory<byte> body, string? subresource, bool force, CancellationToken cancellation)
    {
        var backoff = new Backoff(options.MinBackoff, options.MaxBackoff, _chance);
        for (var attempt = 1; ; attempt++)
        {
            var result = await client.PatchAsync(resource, key, PatchKind.Apply, body, fieldManager, force, cancellation, subresource);
            if (result.Succeeded || !result.Failure.IsTransient || attempt >= options.Attempts || result.Failure.RetryAfter > options.MaxBackoff)
                return result;
            var wait = backoff.Next();
            await Task.Delay(result.Failure.RetryAfter > wait ? result.Failure.RetryAfter.Value : wait, time, cancellation);
        }
    }
}
