namespace Damon.NodeAgent.Agent;

/// <summary>What of the ceiling is set aside for what the kernel is granted.</summary>
/// <param name="Bytes">For what was granted and may still be taken.</param>
/// <param name="AskedBytes">For what may be granted next.</param>
/// <param name="Window">The minute of the ceiling in which both were charged.</param>
internal readonly record struct ReclaimReservation(ulong Bytes, ulong AskedBytes, ulong Window);
