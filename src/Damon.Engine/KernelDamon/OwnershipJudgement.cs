using System.Globalization;
using Damon.Engine.Host;
using Damon.Engine.Machine;

namespace Damon.Engine.KernelDamon;

/// <summary>Whose the kernel's DAMON is, as far as it can be proven. What cannot be proven ours is somebody else's.</summary>
/// <param name="Kind">Whose.</param>
/// <param name="Message">For people; empty where it is nobody's.</param>
internal readonly record struct OwnershipJudgement(OwnershipKind Kind, string Message)
{
    /// <summary>Judges. Pure.</summary>
    /// <param name="look">What is there.</param>
    /// <param name="record">What an agent of ours left; null where there is none, or it is about another run of the kernel.</param>
    /// <param name="ownerLives">Whether the process in the record may still run.</param>
    /// <param name="self">This process; null where the question is whether anybody at all owns it.</param>
    public static OwnershipJudgement Of(InterfaceLook look, OwnerRecord? record, bool ownerLives, ProcessIdentity? self)
    {
        if (look.Error.Kind != HostErrorKind.None)
        {
            return new(OwnershipKind.Unreadable, $"The kernel's DAMON cannot be read ({look.Error}), so it cannot be said whether somebody uses it.");
        }

        var isOwn = record is not null && record.Owner == self;
        if (record is not null && ownerLives && !isOwn)
        {
            return new(OwnershipKind.OwnAgent, string.Create(CultureInfo.InvariantCulture, $"Another agent of ours has the kernel's DAMON: process {record.Pid}."));
        }

        if (look.Kdamonds.Count == 0)
        {
            return new(OwnershipKind.Free, "");
        }

        var foreign = look.Kdamonds.Where(kdamond => !IsProven(kdamond, look.Kdamonds.Count, record)).ToList();
        return foreign.Count > 0
            ? new(OwnershipKind.Foreign, $"Somebody else uses the kernel's DAMON: {string.Join(", ", foreign)}. It is left alone.")
            : isOwn ? new(OwnershipKind.Own, "")
            : new(OwnershipKind.Predecessor, string.Create(CultureInfo.InvariantCulture, $"An agent of ours that has ended (process {record!.Pid}) has left {look.Kdamonds.Count} kdamonds."));
    }

    /// <summary>Modules that run, or may, in words; empty where none does.</summary>
    public static string Describe(IEnumerable<DamonModuleFacts> modules) =>
        string.Join(", ", modules.Select(module => module.KdamondPid > 0
            ? string.Create(CultureInfo.InvariantCulture, $"{module.Name} (thread {module.KdamondPid})")
            : module.Name));

    /// <summary>Whether the record proves a kdamond ours.</summary>
    /// <param name="kdamond">What it shows.</param>
    /// <param name="count">How many there are.</param>
    /// <param name="record">What our agent left; null proves nothing.</param>
    public static bool IsProven(KdamondLook kdamond, int count, OwnerRecord? record)
    {
        if (record is null || record.Kdamonds.Count != count)
        {
            return false;
        }

        var owned = record.Kdamonds[kdamond.Index];
        return kdamond.IsOn switch
        {
            // Either its thread was written down, or the owner ended between turning it on and writing that down; nobody else's hand was in this folder then.
            true => owned.IsThread(kdamond.Thread) || (owned.IsStarting && owned.IsFolder(kdamond.Folder)),

            // Off, a folder is all there is. An empty one that the record announced holds nothing that anybody could lose.
            false => owned.IsFolder(kdamond.Folder) || (!owned.HasFolder && kdamond.IsEmpty),
            null => false,
        };
    }
}
