using System.Diagnostics.CodeAnalysis;

namespace Damon.Cli.Recordings;

/// <summary>How far a long file has been read, on one line of the terminal that is drawn anew; nothing where there is no terminal.</summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "A file that the user names is not part of the host that is sampled.")]
internal sealed class FileProgress(CliEnvironment environment, FileStream stream) : IDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(500);

    private readonly long _length = environment.Width > 0 && stream.CanSeek ? stream.Length : 0;
    private long _shownAt = environment.Time.GetTimestamp();
    private bool _isShown;

    public void Update()
    {
        if (_length == 0 || environment.Time.GetElapsedTime(_shownAt) < Every)
        {
            return;
        }

        _shownAt = environment.Time.GetTimestamp();
        _isShown = true;
        environment.Error.Write($"\r{Format.Bytes((ulong)stream.Position)} of {Format.Bytes((ulong)_length)} read ({Format.Share((double)stream.Position / _length)})   ");
        environment.Error.Flush();
    }

    /// <summary>Takes the line away again.</summary>
    public void Clear()
    {
        if (_isShown)
        {
            _isShown = false;
            environment.Error.Write($"\r{new string(' ', Math.Max(0, environment.Width - 1))}\r");
            environment.Error.Flush();
        }
    }

    public void Dispose() => Clear();
}
