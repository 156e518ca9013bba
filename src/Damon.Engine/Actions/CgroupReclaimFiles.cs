using System.Buffers.Text;
using Damon.Engine.Host;

namespace Damon.Engine.Actions;

/// <summary><c>memory.reclaim</c> and <c>memory.current</c> of one group of the v2 hierarchy. Held open: a group that was removed and made anew under its name is never written to.</summary>
internal sealed class CgroupReclaimFiles(HostFile reclaim, HostFile current) : IReclaimFiles
{
    private readonly HostReader _reader = new(maxBytes: 4096);

    /// <summary>A part of a write: the kernel takes swappiness for this one call (Linux 6.9), and 0 means no anonymous page.</summary>
    private static ReadOnlySpan<byte> NoAnonymous => " swappiness=0"u8;

    public HostResult<int> Reclaim(ulong bytes, bool sparesAnonymous)
    {
        Span<byte> text = stackalloc byte[20 + NoAnonymous.Length];
        _ = Utf8Formatter.TryFormat(bytes, text, out var length);
        if (sparesAnonymous)
        {
            NoAnonymous.CopyTo(text[length..]);
            length += NoAnonymous.Length;
        }

        return reclaim.WriteAt(text[..length], 0);
    }

    public HostResult<ulong> ReadCurrent()
    {
        var read = _reader.Read(current);
        return !read.IsOk ? read.Error
            : CgroupValue.TryParse(_reader.Content, out var bytes) ? bytes
            : new HostError(HostErrorKind.Malformed, current.Path, "not a number");
    }

    public void Dispose()
    {
        reclaim.Dispose();
        current.Dispose();
    }
}
