using System.Diagnostics.CodeAnalysis;

namespace Damon.Engine.Host;

/// <summary>A value read from the host, or the normal reason why there is none.</summary>
/// <typeparam name="T">The value's type.</typeparam>
public readonly record struct HostResult<T>
{
    private readonly T? _value;

    private HostResult(T? value, HostError error)
    {
        _value = value;
        Error = error;
    }

    /// <summary>The reason; <see cref="HostErrorKind.None"/> where there is a value.</summary>
    public HostError Error { get; }

    /// <summary>Whether there is a value.</summary>
    public bool IsOk => Error.Kind == HostErrorKind.None;

    /// <summary>The value.</summary>
    /// <exception cref="InvalidOperationException">There is none: the caller did not look at <see cref="IsOk"/>.</exception>
    public T Value => IsOk ? _value! : throw new InvalidOperationException(Error.ToString());

    /// <summary>Gives the value where there is one.</summary>
    /// <param name="value">The value, or the type's default.</param>
    /// <returns>Whether there is one.</returns>
    public bool TryGet([MaybeNullWhen(false)] out T value)
    {
        value = _value;
        return IsOk;
    }

    /// <summary>A value.</summary>
    /// <param name="value">What was read.</param>
    public static implicit operator HostResult<T>(T value) => new(value, default);

    /// <summary>A reason.</summary>
    /// <param name="error">Why there is no value.</param>
    public static implicit operator HostResult<T>(HostError error) => new(default, error);
}
