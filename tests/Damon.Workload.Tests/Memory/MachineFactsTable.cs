using Damon.Workload.Memory;

namespace Damon.Workload.Tests.Memory;

/// <summary>A machine as a test wants it.</summary>
internal sealed record MachineFactsTable(long? FileSystemType, ulong Available = ulong.MaxValue) : IMachineFacts
{
    public const long Ext4 = 0xEF53;
    public const long Tmpfs = 0x01021994;

    public long? FileSystemTypeOf(string directory) => FileSystemType;

    public ulong AvailableBytes() => Available;
}
