namespace Damon.Testing.KernelDamon;

/// <summary>One file: its text, and what a write does.</summary>
internal sealed class FakeDamonFile(string value)
{
    /// <summary>The text without its newline.</summary>
    public string Value { get; set; } = value;

    /// <summary>What a read gives where it is more than the text.</summary>
    public Func<string>? Show { get; init; }

    /// <summary>Reads what is written and gives the text to keep; null where the file cannot be written.</summary>
    public Func<string, (KernelErrno Errno, string Value)>? Parse { get; init; }

    /// <summary>What has to happen before the text is kept; it can refuse.</summary>
    public Func<string, KernelErrno>? Changing { get; init; }

    /// <summary>Whether a read takes the interface's lock.</summary>
    public bool IsReadUnderLock { get; init; }

    /// <summary>Whether a write, once it could be read, takes the interface's lock.</summary>
    public bool IsWrittenUnderLock { get; init; }

    /// <summary>Whether this is <c>state</c>.</summary>
    public bool IsCommand { get; init; }

    public static FakeDamonFile Unsigned(ulong value = 0, ulong max = ulong.MaxValue) => new($"{value}") { Parse = text => KernelText.Unsigned(text, max) };

    public static FakeDamonFile Unsigned32(uint value = 0) => Unsigned(value, uint.MaxValue);

    /// <summary>A number whose every bad text is EINVAL, out of range or not.</summary>
    public static FakeDamonFile UnsignedOrInvalid(ulong max = ulong.MaxValue) => new("0") { Parse = text => Invalid(KernelText.Unsigned(text, max)) };

    public static FakeDamonFile Signed(int value) => new($"{value}") { Parse = KernelText.Signed };

    public static FakeDamonFile SignedOrInvalid() => new("0") { Parse = text => Invalid(KernelText.Signed(text)) };

    public static FakeDamonFile Flag() => new("N") { Parse = KernelText.Flag };

    public static FakeDamonFile Word(string value, IReadOnlyList<string> words) => new(value) { Parse = text => KernelText.Word(text, words) };

    public static FakeDamonFile Path() => new("") { Parse = text => (KernelErrno.None, text), IsReadUnderLock = true, IsWrittenUnderLock = true };

    public static FakeDamonFile ReadOnly(string value = "0") => new(value);

    private static (KernelErrno Errno, string Value) Invalid((KernelErrno Errno, string Value) parsed) =>
        parsed.Errno == KernelErrno.None ? parsed : (KernelErrno.EINVAL, "");
}
