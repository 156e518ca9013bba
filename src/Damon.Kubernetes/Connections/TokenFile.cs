using System.Diagnostics.CodeAnalysis;
using System.Net.Http.Headers;

namespace Damon.Kubernetes.Connections;

/// <summary>
/// A service account's token in a file that the kubelet replaces before it ends (at 80 % of its life): read anew every minute, and at once after the server refused it. While the file cannot be
/// read the last token is used: it may be good still.
/// </summary>
/// <param name="path">The file.</param>
/// <param name="time">The clock.</param>
public sealed class TokenFile(string path, TimeProvider time) : IRequestCredentials
{
    private static readonly TimeSpan RereadAfter = TimeSpan.FromMinutes(1);

    private volatile Reading? _reading;

    /// <inheritdoc/>
    public async ValueTask AuthorizeAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        var reading = _reading;
        if (reading is null || time.GetElapsedTime(reading.At) >= RereadAfter)
            _reading = reading = await ReadAsync(reading, cancellation);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", reading.Token);
    }

    /// <inheritdoc/>
    public void Rejected() => _reading = null;

    [SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "The process's own token, not a file of the host.")]
    private async Task<Reading> ReadAsync(Reading? last, CancellationToken cancellation)
    {
        try
        {
            return new Reading((await File.ReadAllTextAsync(path, cancellation)).Trim(), time.GetTimestamp());
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException && last is not null)
        {
            return last with { At = time.GetTimestamp() };
        }
    }

    private sealed record Reading(string Token, long At);
}
