using System.Globalization;
using System.Runtime.InteropServices;
using Damon.Engine.Host;

#pragma warning disable RS0030 // Builds the tree that stands behind HostRoot.

namespace Damon.Benchmarks.Comparison;

/// <summary>
/// A host for the idle-page probe to look at a real process without a mark being written to the machine: the process's files and the page flags are links to the real ones, which are
/// only read, and the bitmap is an ordinary sparse file.
/// </summary>
internal sealed class LookHost : IDisposable
{
    private const string BitmapPath = "/sys/kernel/mm/page_idle/bitmap";

    private readonly string _folder;

    public LookHost(int pid, string parentFolder, ulong frames)
    {
        _folder = Directory.CreateDirectory(Path.Combine(parentFolder, "host-" + pid.ToString(CultureInfo.InvariantCulture))).FullName;
        Directory.CreateDirectory($"{_folder}/proc");
        Directory.CreateSymbolicLink($"{_folder}/proc/{pid}", $"/proc/{pid}");
        File.CreateSymbolicLink($"{_folder}/proc/kpageflags", "/proc/kpageflags");
        Bitmap = _folder + BitmapPath;
        OtherBitmap = _folder + "/bitmap-of-the-other";
        Directory.CreateDirectory(Path.GetDirectoryName(Bitmap)!);
        foreach (var bitmap in (string[])[Bitmap, OtherBitmap])
        {
            using var file = File.Create(bitmap);
            file.SetLength((long)(frames / 8));
        }

        Root = new HostRoot(_folder);
    }

    public HostRoot Root { get; }

    public string Bitmap { get; }

    /// <summary>A bitmap for a second program that does the same, to be compared with the first.</summary>
    public string OtherBitmap { get; }

    /// <summary>Frames that are marked in one of the bitmaps only.</summary>
    public int DifferentMarks => File.ReadAllBytes(Bitmap).Zip(File.ReadAllBytes(OtherBitmap), (a, b) => int.PopCount(a ^ b)).Sum();

    public int Marks => File.ReadAllBytes(Bitmap).Sum(b => int.PopCount(b));

    public string WriteAddresses(ulong[] addresses)
    {
        var path = _folder + "/addresses";
        File.WriteAllBytes(path, MemoryMarshal.AsBytes(addresses.AsSpan()));
        return path;
    }

    public void Dispose()
    {
        // The links go, not what they lead to.
        Directory.Delete(Directory.GetDirectories(_folder + "/proc").Single());
        Directory.Delete(_folder, recursive: true);
    }
}
