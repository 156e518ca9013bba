using System.Runtime.CompilerServices;
using Damon.Patterns;
using Damon.Workload.Memory;

namespace Damon.Workload.Accesses;

/// <summary>A phase made ready to run: its streams, drawn by weight. Made once, before the first access; running it allocates nothing.</summary>
internal sealed class PhaseAccesses
{
    private readonly AccessStream[] _streams;
    private readonly int[] _regionOfStream;
    private readonly TouchedPages[] _touched;
    private readonly WeightedDraw? _draw;
    private RandomSequence _random;
    private ulong _checksum;

    /// <param name="phase">Names regions of <paramref name="regions"/> only.</param>
    /// <param name="regions">The mapped memory.</param>
    /// <param name="touched">One for each region, in the same order; shared by all phases, which take turns.</param>
    /// <param name="seed">Seeds this phase's draws.</param>
    public PhaseAccesses(PatternPhase phase, IReadOnlyList<MappedRegion> regions, IReadOnlyList<TouchedPages> touched, ulong seed)
    {
        Phase = phase;
        _touched = [.. touched];
        _random = new RandomSequence(seed);
        _regionOfStream = [.. phase.Accesses.Select(access => IndexOf(regions, access.Region))];
        _streams = [.. phase.Accesses.Select((access, index) => new AccessStream(access, regions[_regionOfStream[index]], touched[_regionOfStream[index]]))];
        _draw = _streams.Length == 0 ? null : new WeightedDraw([.. phase.Accesses.Select(access => access.Weight)]);
    }

    public PatternPhase Phase { get; }

    /// <summary>The phase accesses nothing.</summary>
    public bool IsIdle => _draw is null;

    /// <summary>Folded from every word read, so that no read can be left out by the compiler.</summary>
    public ulong Checksum => _checksum;

    /// <summary>Back to the beginning of the phase, with nothing counted and no page marked. The draws go on, so that two rounds differ.</summary>
    public void Restart()
    {
        foreach (var stream in _streams)
            stream.Restart();
        foreach (var pages in _touched)
            pages.Clear();
    }

    public void MoveWindows(TimeSpan phaseTime)
    {
        foreach (var stream in _streams)
            stream.Cursor.MoveWindow(phaseTime);
    }

    /// <summary>Makes this many accesses. The phase must not be idle.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(int accesses)
    {
        // Local copies stay in registers; a field would be stored and loaded at every draw.
        var draw = _draw ?? throw new InvalidOperationException("An idle phase has no accesses.");
        var streams = _streams;
        var random = _random;
        var checksum = _checksum;
        for (var done = 0; done < accesses; done++)
            checksum ^= streams[draw.Draw(ref random)].AccessNext(ref random);
        _random = random;
        _checksum = checksum;
    }

    /// <summary>Accesses to a region since <see cref="Restart"/>.</summary>
    public long AccessesTo(int region)
    {
        long accesses = 0;
        for (var index = 0; index < _streams.Length; index++)
        {
            if (_regionOfStream[index] == region)
                accesses += _streams[index].Accesses;
        }

        return accesses;
    }

    /// <summary>The windows on a region in this phase, none where all of it is accessed.</summary>
    public IReadOnlyList<AccessWindow> WindowsOf(int region) =>
        [.. _streams.Where((stream, index) => _regionOfStream[index] == region && stream.Access.Window is not null).Select(stream => stream.Access.Window!)];

    private static int IndexOf(IReadOnlyList<MappedRegion> regions, string name)
    {
        for (var index = 0; index < regions.Count; index++)
        {
            if (string.Equals(regions[index].Name, name, StringComparison.Ordinal))
                return index;
        }

        throw new ArgumentException($"No region is named '{name}'.", nameof(name));
    }
}
