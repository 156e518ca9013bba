using System.Runtime.InteropServices;

namespace Damon.Engine.Interop;

/// <summary><c>struct iovec { void *iov_base; size_t iov_len; }</c>, readv(2). The address is one of the other process, so it is a number here and never a pointer.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct IoVector
{
    public nuint Base;
    public nuint Length;
}
