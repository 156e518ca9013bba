using Damon.Engine.Host;

namespace Damon.Engine.Actions;

/// <summary>The two files of a control group behind <see cref="CgroupReclaimer"/>, so that tests can have a kernel that reclaims.</summary>
internal interface IReclaimFiles : IDisposable
{
    /// <summary>Asks the kernel to reclaim; returns when it has done so or given up.</summary>
    /// <param name="bytes">How much.</param>
    /// <param name="sparesAnonymous">Only pages of files.</param>
    /// <returns>
    /// An error of the kind <see cref="HostErrorKind.TryAgain"/> where less was reclaimed, or the call was interrupted; <see cref="HostErrorKind.Unsupported"/> where the kernel cannot spare anonymous memory.
    /// </returns>
    HostResult<int> Reclaim(ulong bytes, bool sparesAnonymous);

    /// <summary>Reads how much memory the group has.</summary>
    HostResult<ulong> ReadCurrent();
}
