using Damon.Engine.Host;

namespace Damon.NodeAgent.Ledger;

/// <summary>Where a ledger is kept.</summary>
internal interface ILedgerDisk : IDisposable
{
    /// <summary>All that is there; nothing where there is no file.</summary>
    HostResult<byte[]> Read();

    /// <summary>Writes at an offset, making the file longer. An error may leave a part of it written.</summary>
    HostError WriteAt(long offset, ReadOnlySpan<byte> content);

    /// <summary>Replaces all: whoever reads afterwards finds the old content or the new one.</summary>
    HostError Replace(ReadOnlySpan<byte> content);
}
