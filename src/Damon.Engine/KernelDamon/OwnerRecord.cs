using System.Text.Json;
using Damon.Engine.Host;
using Damon.Engine.Machine;

namespace Damon.Engine.KernelDamon;

/// <summary>
/// What an owner of the kernel's DAMON leaves for whoever comes after it: who it was, what it made, and what it has to put back. It is written before anything is done, so that it never
/// says less than what is there; and it claims nothing by itself: each claim is compared with what the kernel shows.
/// </summary>
/// <param name="Version">Of this format: 1.</param>
/// <param name="BootId">Which run of the kernel it is about. After a boot nothing of it is left.</param>
/// <param name="Pid">The owner's process.</param>
/// <param name="StartTicks">When the process started, in clock ticks after boot.</param>
/// <param name="Kdamonds">The kdamonds that it made, or was about to make, by place.</param>
/// <param name="Modules">Modules that it switched off, or was about to, and that are to be switched on again.</param>
internal sealed record OwnerRecord(int Version, string BootId, int Pid, ulong StartTicks, IReadOnlyList<OwnedKdamond> Kdamonds, IReadOnlyList<DamonModule> Modules)
{
    public const int CurrentVersion = 1;

    /// <summary>No machine has as many; a record or a file that says more is not one of ours.</summary>
    public const int MaxKdamonds = 1024;

    public ProcessIdentity Owner => new(Pid, StartTicks);

    /// <summary>Reads a record.</summary>
    /// <returns>Null for everything that is not exactly a record: cut short, another's, of another version, or hostile.</returns>
    public static OwnerRecord? Parse(ReadOnlySpan<byte> json)
    {
        OwnerRecord? record;
        try
        {
            record = JsonSerializer.Deserialize(json, OwnerRecordJson.Default.OwnerRecord);
        }
        catch (JsonException)
        {
            return null;
        }

        // The serializer's nullable checks do not reach into lists.
        return record is { Version: CurrentVersion, BootId.Length: > 0 and <= 64, Pid: > 0, Kdamonds.Count: <= MaxKdamonds, Modules.Count: <= 16 }
            && record.Kdamonds.All(kdamond => kdamond is { ThreadPid: >= 0 }) && record.Modules.All(Enum.IsDefined) && record.Modules.Distinct().Count() == record.Modules.Count
            ? record
            : null;
    }

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, OwnerRecordJson.Default.OwnerRecord);
}
