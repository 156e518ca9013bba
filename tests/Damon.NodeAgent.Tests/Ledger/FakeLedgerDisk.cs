using Damon.Engine.Host;
using Damon.NodeAgent.Ledger;

namespace Damon.NodeAgent.Tests.Ledger;

/// <summary>A file in memory that tears: a write during which the process is killed, or which fails, leaves a part of itself behind.</summary>
internal sealed class FakeLedgerDisk(CrashPoint crash, Func<int, int> tear) : ILedgerDisk
{
    private byte[] _content = [];

    public byte[] Content
    {
        get => _content;
        set => _content = value;
    }

    public int Writes { get; private set; }

    public int Replacements { get; private set; }

    /// <summary>Whether writes fail, as on a full disk.</summary>
    public bool IsFull { get; set; }

    public HostError ReadError { get; set; }

    public HostResult<byte[]> Read() => ReadError.Kind != HostErrorKind.None ? ReadError : (byte[])_content.Clone();

    public HostError WriteAt(long offset, ReadOnlySpan<byte> content)
    {
        Writes++;
        var isKilled = crash.IsHere();
        var written = isKilled || IsFull ? tear(content.Length) : content.Length;
        Array.Resize(ref _content, Math.Max(_content.Length, (int)offset + written));
        content[..written].CopyTo(_content.AsSpan((int)offset));
        return isKilled ? throw new CrashException() : IsFull ? new HostError(HostErrorKind.Failed, "ledger", "no space", 28) : default;
    }

    public HostError Replace(ReadOnlySpan<byte> content)
    {
        Replacements++;
        crash.Step();
        if (IsFull)
        {
            return new HostError(HostErrorKind.Failed, "ledger", "no space", 28);
        }

        _content = content.ToArray();
        crash.Step();
        return default;
    }

    public void Dispose()
    {
    }
}
