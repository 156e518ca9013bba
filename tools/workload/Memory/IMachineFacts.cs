namespace Damon.Workload.Memory;

/// <summary>What the tool must know of the machine before it takes memory from it.</summary>
internal interface IMachineFacts
{
    /// <summary>The f_type that statfs(2) gives for a folder.</summary>
    /// <returns>Nothing where the folder cannot be looked at.</returns>
    long? FileSystemTypeOf(string directory);

    /// <summary>Bytes of memory and swap that can still be taken without pushing the machine out of memory; the largest value where it is not known.</summary>
    ulong AvailableBytes();
}
