namespace Damon.Engine.KernelDamon;

/// <summary>What a file of the tree holds.</summary>
internal enum KernelFileKind
{
    /// <summary>A number, a word or a path.</summary>
    Value,

    /// <summary>Y or N.</summary>
    Flag,

    /// <summary>How many numbered folders are beside it. Every write, of the same number too, makes all of them anew.</summary>
    Count,
}
