using System.Security.Cryptography;
using System.Text;
using Damon.Engine.Host;

namespace Damon.NodeAgent.Http;

/// <summary>
/// The token that clients have to present, from a file whose content may change: a mounted secret is replaced while the agent runs. A file that cannot be read any more changes nothing, so that a
/// replacement under way does not lock everybody out.
/// </summary>
internal sealed class BearerToken
{
    /// <summary>Shorter ones could be guessed.</summary>
    public const int MinLength = 16;

    private const int MaxFileBytes = 4096;
    private const string Scheme = "Bearer ";

    private static readonly TimeSpan ReadEvery = TimeSpan.FromSeconds(10);

    private readonly HostRoot _host;
    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private byte[] _hash;
    private long _readAt;

    private BearerToken(HostRoot host, string path, TimeProvider time, byte[] hash)
    {
        (_host, _path, _time, _hash) = (host, path, time, hash);
        _readAt = time.GetTimestamp();
    }

    /// <summary>Reads the file.</summary>
    /// <param name="host">Where it is.</param>
    /// <param name="path">Its path.</param>
    /// <param name="time">The clock by which it is read anew.</param>
    /// <param name="error">Why there is no token, for people; empty where there is one.</param>
    public static BearerToken? Open(HostRoot host, string path, TimeProvider time, out string error)
    {
        var hash = Read(host, path, out error);
        return hash is null ? null : new BearerToken(host, path, time, hash);
    }

    /// <summary>Whether a request's header presents the token.</summary>
    /// <param name="authorization">The header; empty where there is none.</param>
    public bool IsPresentedBy(string authorization)
    {
        if (!authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        // Hashes are of one length and are compared in one time, so that nothing of the token shows in how long a refusal takes.
        return CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(authorization[Scheme.Length..])), Current());
    }

    private byte[] Current()
    {
        // Requests come on several threads; one of them reads, for all.
        lock (_gate)
        {
            if (_time.GetElapsedTime(_readAt) >= ReadEvery)
            {
                _readAt = _time.GetTimestamp();
                _hash = Read(_host, _path, out _) ?? _hash;
            }

            return _hash;
        }
    }

    private static byte[]? Read(HostRoot host, string path, out string error)
    {
        var reader = new HostReader(MaxFileBytes);
        var read = host.Read(path, reader);
        if (!read.IsOk)
        {
            error = $"the token file {path} cannot be read: {read.Error}";
            return null;
        }

        var token = Encoding.UTF8.GetString(reader.Content).Trim();
        if (token.Length < MinLength || !token.All(character => character is > ' ' and < (char)127))
        {
            error = $"the token file {path} must hold one line of at least {MinLength} visible ASCII characters, for example of: openssl rand -hex 32";
            return null;
        }

        error = "";
        return SHA256.HashData(Encoding.UTF8.GetBytes(token));
    }
}
