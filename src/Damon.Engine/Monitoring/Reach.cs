namespace Damon.Engine.Monitoring;

/// <summary>What an action could reach in a range, measured before anything is done; the basis of budgets and of Observe's predictions.</summary>
/// <param name="End">Where the measurement stopped: the range's end, or earlier, behind the page at which the byte limit was reached.</param>
/// <param name="ReachableBytes">Bytes that the action could affect.</param>
/// <param name="NoSwapBytes">Resident bytes left out because they are anonymous and there is no swap.</param>
/// <param name="SharedBytes">Resident bytes left out because other processes map them too.</param>
/// <param name="LockedBytes">Resident bytes left out because they are locked in memory or belong to a device.</param>
/// <param name="FilteredBytes">Bytes left out because page filters hold them back.</param>
public readonly record struct Reach(ulong End, ulong ReachableBytes, ulong NoSwapBytes = 0, ulong SharedBytes = 0, ulong LockedBytes = 0, ulong FilteredBytes = 0)
{
    /// <summary>Bytes of pages that the filters let through, within reach or not.</summary>
    public ulong PassedBytes => ReachableBytes + NoSwapBytes + SharedBytes + LockedBytes;
}
