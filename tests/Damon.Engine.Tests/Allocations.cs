namespace Damon.Engine.Tests;

internal static class Allocations
{
    /// <summary>Bytes one more run allocates, after runs that let buffers grow and code be compiled.</summary>
    public static long Of(Action run)
    {
        for (var i = 0; i < 3; i++)
        {
            run();
        }

        // Tiered compilation may allocate on this thread once; the smallest of several runs is the code's own.
        var smallest = long.MaxValue;
        for (var i = 0; i < 5; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            run();
            smallest = Math.Min(smallest, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return smallest;
    }
}
