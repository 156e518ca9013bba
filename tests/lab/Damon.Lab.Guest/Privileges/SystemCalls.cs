using System.Runtime.InteropServices;

namespace Damon.Lab.Guest.Privileges;

/// <summary>System calls by name, for what the engine has no use for: giving up rights, and asking the kernel without the engine's own judgement.</summary>
internal static partial class SystemCalls
{
    /// <returns>What the kernel gives, or the negated errno.</returns>
    public static long Make(string name, nint first = 0, nint second = 0, nint third = 0, nint fourth = 0, nint fifth = 0, nint sixth = 0)
    {
        var result = Call(SystemCallNumbers.Of(name), first, second, third, fourth, fifth, sixth);
        return result == -1 ? -Marshal.GetLastPInvokeError() : result;
    }

    /// <exception cref="InvalidOperationException">The kernel refuses it.</exception>
    public static long MustMake(string name, nint first = 0, nint second = 0, nint third = 0, nint fourth = 0, nint fifth = 0, nint sixth = 0) =>
        Make(name, first, second, third, fourth, fifth, sixth) is >= 0 and var result
            ? result
            : throw new InvalidOperationException($"{name}({first}, {second}, …): error {Marshal.GetLastPInvokeError()}");

    /// <summary>Numbers side by side in memory, as the kernel reads them; never given back, as this program is about to become another or to end.</summary>
    public static nint Place<T>(params ReadOnlySpan<T> values)
        where T : unmanaged
    {
        var bytes = MemoryMarshal.AsBytes(values);
        var place = Marshal.AllocHGlobal(Math.Max(bytes.Length, 1));
        Marshal.Copy(bytes.ToArray(), 0, place, bytes.Length);
        return place;
    }

    /// <summary>Texts with a closing zero byte each, their addresses side by side with a closing null.</summary>
    public static nint PlaceTexts(IEnumerable<string> texts) => Place<nint>([.. texts.Select(Marshal.StringToCoTaskMemUTF8), 0]);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint Call(nint number, nint first, nint second, nint third, nint fourth, nint fifth, nint sixth);
}
