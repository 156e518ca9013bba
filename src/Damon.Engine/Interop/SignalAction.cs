using System.Runtime.InteropServices;

namespace Damon.Engine.Interop;

/// <summary><c>struct sigaction</c> of glibc and musl on 64-bit machines: the handler, a mask of 1024 bits, the flags, and the C library's own restorer.</summary>
[StructLayout(LayoutKind.Explicit, Size = 152)]
internal struct SignalAction
{
    [FieldOffset(0)]
    public nint Handler;

    [FieldOffset(136)]
    public int Flags;
}
