using System.Runtime.InteropServices;

namespace Damon.Lab.Guest.Privileges;

/// <summary><c>struct sock_filter</c> of linux/filter.h: one step of a filter.</summary>
/// <param name="Code">What it does.</param>
/// <param name="IfTrue">Steps to skip where a comparison holds.</param>
/// <param name="IfFalse">Steps to skip where it does not.</param>
/// <param name="Operand">With what.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct SeccompInstruction(ushort Code, byte IfTrue, byte IfFalse, uint Operand)
{
    /// <summary>BPF_LD | BPF_W | BPF_ABS: takes the word at an offset of <c>struct seccomp_data</c>.</summary>
    public const ushort Load = 0x20;

    /// <summary>BPF_ALU | BPF_AND | BPF_K.</summary>
    public const ushort And = 0x54;

    /// <summary>BPF_JMP | BPF_JEQ | BPF_K.</summary>
    public const ushort SkipIfEqual = 0x15;

    /// <summary>BPF_RET | BPF_K.</summary>
    public const ushort Return = 0x06;
}
