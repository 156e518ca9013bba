using System.Diagnostics.CodeAnalysis;
using System.IO.MemoryMappedFiles;

namespace Damon.NodeAgent.Tests.Agent;

/// <summary>A process of its own with hot and cold memory of files, and hot memory of its own, all of it resident at first, until it is killed.</summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "Files of the test's own folder.")]
internal static class MemoryUser
{
    public const string Verb = "use-memory-until-killed";
    public const int HotBytes = 4 * MiB;
    public const int ColdBytes = 48 * MiB;
    public const int HugeBytes = 16 * MiB;

    private const int MiB = 1 << 20;
    private const int Page = 4096;

    [DoesNotReturn]
    public static void Run(string folder)
    {
        using var hot = MemoryOf($"{folder}/hot.bin", HotBytes);
        using var cold = MemoryOf($"{folder}/cold.bin", ColdBytes);
        var own = GC.AllocateUninitializedArray<byte>(HugeBytes, pinned: true);
        own.AsSpan().Fill(1);
        Touch(cold, ColdBytes);
        File.WriteAllText($"{folder}/ready", "");
        for (var sum = 0; ; sum++)
        {
            for (var i = 0; i < own.Length; i += Page)
            {
                own[i] = (byte)sum;
            }

            Touch(hot, HotBytes);
        }
    }

    private static MemoryMappedViewAccessor MemoryOf(string path, int bytes)
    {
        using (var file = File.Create(path))
        {
            file.Write(new byte[bytes]);

            // Dirty pages would have to be written first.
            file.Flush(flushToDisk: true);
        }

        using var mapped = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        return mapped.CreateViewAccessor(0, bytes, MemoryMappedFileAccess.Read);
    }

    private static void Touch(MemoryMappedViewAccessor memory, int bytes)
    {
        for (var i = 0; i < bytes; i += Page)
        {
            memory.ReadByte(i);
        }
    }
}
