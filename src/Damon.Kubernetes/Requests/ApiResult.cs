using System.Diagnostics.CodeAnalysis;

namespace Damon.Kubernetes.Requests;

/// <summary>What came of a request: a value or a failure.</summary>
/// <typeparam name="T">The value's type.</typeparam>
public readonly struct ApiResult<T>
{
    private readonly T? _value;

    private ApiResult(T? value, ApiFailure? failure)
    {
        _value = value;
        Failure = failure;
    }

    /// <summary>Null where it succeeded.</summary>
    public ApiFailure? Failure { get; }

    /// <summary>Whether there is a value.</summary>
    [MemberNotNullWhen(false, nameof(Failure))]
    public bool Succeeded => Failure is null;

    /// <summary>The value.</summary>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public T Value => Failure is null ? _value! : throw new InvalidOperationException(Failure.ToString());

    /// <summary>A success.</summary>
    public static implicit operator ApiResult<T>(T value) => new(value, null);

    /// <summary>A failure.</summary>
    public static implicit operator ApiResult<T>(ApiFailure failure) => new(default, failure);
}
