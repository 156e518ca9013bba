using System.Globalization;
using System.Runtime.InteropServices;

namespace Damon.Lab.Guest.Privileges;

/// <summary><c>hold FOLDER</c>: a program with memory of every kind, all of it there and never used again. It says where it is, and waits to be killed.</summary>
/// <param name="Anonymous">Three stretches of anonymous memory.</param>
/// <param name="FirstFile">A stretch of a file of its user's that nobody else may write, shared.</param>
/// <param name="SecondFile">Another one.</param>
/// <param name="Huge">Where a huge page would fit.</param>
internal sealed record HeldMemory(ulong Anonymous, ulong FirstFile, ulong SecondFile, ulong Huge)
{
    public const string Verb = "hold";
    public const int StretchBytes = 256 * 1024;
    public const int HugeBytes = 2 * 1024 * 1024;
    private const int AnonymousStretches = 3;

    // asm-generic/mman.h, asm-generic/fcntl.h on x86-64.
    private const int ReadWrite = 3;
    private const int Shared = 1;
    private const int PrivateAnonymous = 0x22;
    private const int OpenNew = 0x2 | 0x40 | 0x80;
    private const int OwnerOnly = 0x180;

    public static async Task RunAsync(string folder, TextWriter output, TimeProvider time)
    {
        var huge = Map(2 * HugeBytes, PrivateAnonymous, -1);
        var held = new HeldMemory(
            Map(AnonymousStretches * StretchBytes, PrivateAnonymous, -1), Map(StretchBytes, Shared, NewFile(folder, "first")), Map(StretchBytes, Shared, NewFile(folder, "second")),
            (huge + HugeBytes - 1) / HugeBytes * HugeBytes);
        Touch(held.Anonymous, AnonymousStretches * StretchBytes);
        Touch(held.FirstFile, StretchBytes);
        Touch(held.SecondFile, StretchBytes);
        Touch(held.Huge, HugeBytes);
        await output.WriteLineAsync($"{held.Anonymous:x} {held.FirstFile:x} {held.SecondFile:x} {held.Huge:x}");
        await output.FlushAsync();
        await Task.Delay(Timeout.InfiniteTimeSpan, time, CancellationToken.None);
    }

    /// <summary>Reads what it has said.</summary>
    public static HeldMemory Parse(IReadOnlyList<string> words)
    {
        var numbers = words.Select(word => ulong.Parse(word, NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToList();
        return new HeldMemory(numbers[0], numbers[1], numbers[2], numbers[3]);
    }

    /// <summary>As it says it.</summary>
    public IReadOnlyList<string> Words => [$"{Anonymous:x}", $"{FirstFile:x}", $"{SecondFile:x}", $"{Huge:x}"];

    private static int NewFile(string folder, string name)
    {
        var path = Marshal.StringToCoTaskMemUTF8($"{folder}/{name}-{Environment.ProcessId}");
        var file = (int)SystemCalls.MustMake("open", path, OpenNew, OwnerOnly);
        SystemCalls.MustMake("ftruncate", file, StretchBytes);

        // Nobody needs its name; its memory goes when this program does.
        SystemCalls.MustMake("unlink", path);
        return file;
    }

    private static ulong Map(int bytes, int flags, int file) => (ulong)SystemCalls.MustMake("mmap", 0, bytes, ReadWrite, flags, file);

    private static void Touch(ulong start, int bytes)
    {
        for (var offset = 0; offset < bytes; offset += Environment.SystemPageSize)
            Marshal.WriteByte((nint)start, offset, 1);
    }
}
