namespace Damon.Operator.Tests.Model;

/// <summary>What measures memory runs alone: what other tests allocate meanwhile would be counted too.</summary>
[CollectionDefinition(nameof(MemoryCollection), DisableParallelization = true)]
public class MemoryCollection;
