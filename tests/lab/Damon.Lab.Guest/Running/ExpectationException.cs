namespace Damon.Lab.Guest.Running;

/// <summary>Something is not as a test expects it.</summary>
public sealed class ExpectationException : Exception
{
    public ExpectationException()
    {
    }

    public ExpectationException(string message)
        : base(message)
    {
    }

    public ExpectationException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
