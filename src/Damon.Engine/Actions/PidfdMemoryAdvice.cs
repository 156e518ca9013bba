using Damon.Engine.Host;
using Damon.Engine.Interop;
using Damon.Engine.Regions;

namespace Damon.Engine.Actions;

/// <summary>process_madvise(2) through a pidfd, which means one process for ever, whatever happens to its pid.</summary>
internal sealed class PidfdMemoryAdvice : IProcessMemoryAdvice
{
    private readonly FileDescriptor _process;
    private IoVector[] _vectors = [];

    private PidfdMemoryAdvice(FileDescriptor process) => _process = process;

    public static HostResult<PidfdMemoryAdvice> Open(int pid)
    {
        var descriptor = Native.OpenProcess(pid);
        return descriptor < 0 ? HostErrors.From(descriptor, $"pidfd_open({pid})") : new PidfdMemoryAdvice(new FileDescriptor(descriptor));
    }

    public long Advise(ReadOnlySpan<AddressRange> ranges, int advice)
    {
        // Of thousands of processes few are ever advised on many ranges at once.
        if (_vectors.Length < ranges.Length)
        {
            _vectors = new IoVector[ranges.Length];
        }

        for (var i = 0; i < ranges.Length; i++)
        {
            _vectors[i] = new IoVector { Base = (nuint)ranges[i].Start, Length = (nuint)ranges[i].SizeBytes };
        }

        return Native.AdviseProcess(_process.Number, _vectors.AsSpan(0, ranges.Length), advice);
    }

    public void Dispose() => _process.Dispose();
}
