using Damon.Engine.Machine;

namespace Damon.Lab.Guest.Privileges;

/// <summary>A right that a deed takes.</summary>
/// <param name="AnyOf">One of these is enough.</param>
/// <param name="Without">What is seen without it: the error's name, or what the kernel silently does instead.</param>
/// <param name="IsSilent">The kernel reports no error.</param>
/// <param name="OtherUsersOnly">Not where the process, or the file, is of the agent's own user, which is root.</param>
/// <param name="IsToLook">Some kernels let the capabilities of performance monitoring look at a process's memory too (mm_access() asks perfmon_capable()).</param>
internal sealed record PrivilegeNeed(ProcessCapabilities AnyOf, string Without, bool IsSilent = false, bool OtherUsersOnly = false, bool IsToLook = false)
{
    /// <param name="held">What is held.</param>
    /// <param name="isOtherUser">Whose process, or file, it is.</param>
    /// <param name="monitorsLook">Whether the kernel is one of those.</param>
    public bool IsMet(ProcessCapabilities held, bool isOtherUser, bool monitorsLook) =>
        (AnyOf & held) != ProcessCapabilities.None
        || (OtherUsersOnly && !isOtherUser)
        || (IsToLook && monitorsLook && ((CapabilitySet.Performance | ProcessCapabilities.SysAdmin) & held) != ProcessCapabilities.None);
}
