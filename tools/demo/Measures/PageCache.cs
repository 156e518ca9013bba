using System.IO.MemoryMappedFiles;
using Tmds.Linux;

namespace Damon.Demo.Measures;

/// <summary>Which pages of a file the kernel has in memory, whoever maps them: mincore(2) over a mapping of our own, in which no page is ever touched.</summary>
internal static unsafe class PageCache
{
    /// <param name="path">A file of the same user; of another's, the kernel says nothing useful.</param>
    /// <returns>Bytes in memory; nothing where it cannot be asked.</returns>
    public static ulong? ResidentBytes(string path)
    {
        try
        {
            using var file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, mapName: null, capacity: 0, MemoryMappedFileAccess.Read);
            using var view = file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
            var length = view.SafeMemoryMappedViewHandle.ByteLength;
            var pageBytes = (ulong)Environment.SystemPageSize;
            var pages = new byte[(length + pageBytes - 1) / pageBytes];
            fixed (byte* vector = pages)
            {
                if (LibC.mincore((void*)view.SafeMemoryMappedViewHandle.DangerousGetHandle(), (size_t)length, vector) != 0)
                    return null;
            }

            // Only the lowest bit says "in memory"; the others are reserved.
            var resident = 0UL;
            foreach (var page in pages)
                resident += (page & 1u) * pageBytes;
            return resident;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }
}
