using System.Security.Cryptography;
using System.Text;

namespace Damon.Hosting.Http;

/// <summary>
/// The token that clients have to present, from a file whose content may change: a mounted secret is replaced while the agent runs. A file that cannot be read any more changes nothing, so that a
/// replacement under way does not lock everybody out.
/// </summary>
public sealed class BearerToken
{
    /// <summary>Shorter ones could be guessed.</summary>
    public const int MinLength = 16;

    private const int MaxFileBytes = 4096;
    private const string Scheme = "Bearer ";

    private static readonly TimeSpan ReadEvery = TimeSpan.FromSeconds(10);

    private readonly TextReading _read;
    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private byte[] _hash;
    private long _readAt;

    private BearerToken(TextReading read, string path, TimeProvider time, byte[] hash)
    {
        (_read, _path, _time, _hash) = (read, path, time, hash);
        _readAt = time.GetTimestamp();
    }

    /// <summary>Reads the file.</summary>
    /// <param name="read">How files are read.</param>
    /// <param name="path">Its path.</param>
    /// <param name="time">The clock by which it is read anew.</param>
    /// <param name="error">Why there is no token, for people; empty where there is one.</param>
    public static BearerToken? Open(TextReading read, string path, TimeProvider time, out string error)
    {
        var hash = Read(read, path, out error);
        return hash is null ? null : new BearerToken(read, path, time, hash);
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
                _hash = Read(_read, _path, out _) ?? _hash;
            }

            return _hash;
        }
    }

    private static byte[]? Read(TextReading read, string path, out string error)
    {
        if (read(path, MaxFileBytes, out var why) is not { } text)
        {
            error = $"the token file {path} cannot be read: {why}";
            return null;
        }

        var token = text.Trim();
        if (token.Length < MinLength || !token.All(character => character is > ' ' and < (char)127))
        {
            error = $"the token file {path} must hold one line of at least {MinLength} visible ASCII characters, for example of: openssl rand -hex 32";
            return null;
        }

        error = "";
        return SHA256.HashData(Encoding.UTF8.GetBytes(token));
    }
}
