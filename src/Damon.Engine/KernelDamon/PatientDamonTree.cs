using Damon.Engine.Host;
using Damon.Engine.Regions;

namespace Damon.Engine.KernelDamon;

/// <summary>A tree that tries again while the interface is locked, until a deadline that all accesses of one call share. For one thread.</summary>
internal sealed class PatientDamonTree : IDamonTree
{
    private readonly IDamonTree _tree;
    private readonly TimeProvider _time;
    private readonly RandomSource _random;
    private readonly KernelPatience _patience;
    private long _began;

    public PatientDamonTree(IDamonTree tree, TimeProvider time, RandomSource random, KernelPatience patience)
    {
        if (!patience.IsUsable)
        {
            throw new ArgumentException($"Times above zero, and a longest pause of at least the first one, not {patience}.", nameof(patience));
        }

        (_tree, _time, _random, _patience) = (tree, time, random, patience);
        _began = time.GetTimestamp();
    }

    /// <summary>The deadline counts from now.</summary>
    public void BeginCall() => _began = _time.GetTimestamp();

    /// <inheritdoc/>
    public bool Exists(string path) => _tree.Exists(path);

    /// <inheritdoc/>
    public HostResult<IReadOnlyList<string>> List(string path) => _tree.List(path);

    /// <inheritdoc/>
    public HostResult<FileIdentity> Identify(string path) => _tree.Identify(path);

    /// <inheritdoc/>
    public HostResult<string> Read(string path)
    {
        for (var pause = _patience.FirstPause; ; pause = Longer(pause))
        {
            var read = _tree.Read(path);
            if (!IsWorthAnother(read.Error.Kind, pause))
            {
                return read;
            }
        }
    }

    /// <inheritdoc/>
    public HostResult<int> Write(string path, string text)
    {
        for (var pause = _patience.FirstPause; ; pause = Longer(pause))
        {
            var written = _tree.Write(path, text);
            if (!IsWorthAnother(written.Error.Kind, pause))
            {
                return written;
            }
        }
    }

    /// <summary>Waits where there is still time.</summary>
    private bool IsWorthAnother(HostErrorKind kind, TimeSpan pause)
    {
        var left = _patience.Deadline - _time.GetElapsedTime(_began);
        if (kind is not (HostErrorKind.Busy or HostErrorKind.TryAgain) || left <= TimeSpan.Zero)
        {
            return false;
        }

        pause *= (1 + _random.NextShare()) / 2;
        Task.Delay(pause < left ? pause : left, _time, CancellationToken.None).GetAwaiter().GetResult();
        return true;
    }

    private TimeSpan Longer(TimeSpan pause) => pause * 2 < _patience.LongestPause ? pause * 2 : _patience.LongestPause;
}
