using Damon.Testing;

namespace Damon.Footprint.Nodes;

/// <summary>
/// What a process of the simulated node has mapped: the program and twenty libraries of three mappings each, as a small server has them, a heap in stripes that are accessed all the time, now and then, and
/// not at all, and a stack.
/// </summary>
internal static class ProcessLayout
{
    public const ulong PageBytes = 4096;
    public const ulong StripeBytes = 512 << 10;
    public const ulong HeapStart = 0x4000_0000;

    private const int Libraries = 20;
    private const ulong LibraryStart = 0x1000_0000;
    private const ulong LibraryMappingBytes = 64 << 10;
    private const ulong StackStart = 0x7000_0000;
    private const ulong StackBytes = 132 << 10;

    private static readonly string[] Permissions = ["r--p", "r-xp", "rw-p"];

    /// <summary>Pages of all mappings but the heap.</summary>
    public const ulong OtherPages = ((Libraries * 3 * LibraryMappingBytes) + StackBytes) / PageBytes;

    /// <summary>The mappings, ascending.</summary>
    /// <param name="heapBytes">The heap's size.</param>
    public static IEnumerable<FakeMapping> Mappings(ulong heapBytes)
    {
        for (var i = 0; i < Libraries; i++)
        {
            // A page of distance, as the loader leaves it between two libraries: no two are one range.
            var start = LibraryStart + ((ulong)i * ((3 * LibraryMappingBytes) + PageBytes));
            for (var part = 0; part < Permissions.Length; part++)
            {
                var from = start + ((ulong)part * LibraryMappingBytes);
                yield return new FakeMapping(from, from + LibraryMappingBytes, Permissions[part], i == 0 ? "/usr/bin/app" : $"/usr/lib/x86_64-linux-gnu/lib{i:00}.so.6.0.{i}") { RssBytes = LibraryMappingBytes };
            }
        }

        yield return new FakeMapping(HeapStart, HeapStart + heapBytes, "rw-p", "[heap]") { RssBytes = heapBytes, AnonymousBytes = heapBytes };
        yield return new FakeMapping(StackStart, StackStart + StackBytes, "rw-p", "[stack]") { RssBytes = StackBytes, AnonymousBytes = StackBytes };
    }

    /// <summary>How a stripe of the heap is accessed.</summary>
    /// <param name="stripe">Its number.</param>
    public static StripeKind KindOf(ulong stripe) => (stripe % 4) switch { 0 => StripeKind.Hot, 2 => StripeKind.Warm, _ => StripeKind.Cold };
}
