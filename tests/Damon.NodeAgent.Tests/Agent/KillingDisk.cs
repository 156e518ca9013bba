using Damon.Engine.Host;
using Damon.NodeAgent.Ledger;

namespace Damon.NodeAgent.Tests.Agent;

/// <summary>The ledger's file, on which an agent may die: before a write, in the middle of it, or after it.</summary>
internal sealed class KillingDisk(LedgerFile file, OutsideMemory memory) : ILedgerDisk
{
    public HostResult<byte[]> Read() => file.Read();

    public HostError WriteAt(long offset, ReadOnlySpan<byte> content)
    {
        memory.Step(KillStep.Write);
        if (memory.IsLast(KillStep.Write))
        {
            file.WriteAt(offset, content[..(content.Length / 2)]);
            OutsideMemory.Kill();
        }

        var error = file.WriteAt(offset, content);
        memory.Step(KillStep.Write);
        return error;
    }

    public HostError Replace(ReadOnlySpan<byte> content)
    {
        memory.Step(KillStep.Replace);
        var error = file.Replace(content);
        memory.Step(KillStep.Replace);
        return error;
    }

    public void Dispose() => file.Dispose();
}
