namespace Damon.NodeAgent.Tests.Ledger;

/// <summary>The process is killed here.</summary>
internal sealed class CrashException() : Exception("killed");
