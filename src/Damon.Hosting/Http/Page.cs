using System.Text;

namespace Damon.Hosting.Http;

/// <summary>What a client gets.</summary>
/// <param name="Status">HTTP's status code.</param>
/// <param name="ContentType">What the body is.</param>
/// <param name="Body">The body.</param>
/// <param name="RetryAfterSeconds">When asking again makes sense; 0 where nothing is said of that.</param>
public sealed record Page(int Status, string ContentType, ReadOnlyMemory<byte> Body, int RetryAfterSeconds = 0)
{
    /// <summary>The type of <see cref="Plain"/>.</summary>
    public const string TextType = "text/plain; charset=utf-8";

    /// <summary>A page of one line.</summary>
    /// <param name="status">HTTP's status code.</param>
    /// <param name="line">The line, without its end.</param>
    /// <param name="retryAfterSeconds">When asking again makes sense; 0 where nothing is said of that.</param>
    public static Page Plain(int status, string line, int retryAfterSeconds = 0) => new(status, TextType, Encoding.UTF8.GetBytes(line + "\n"), retryAfterSeconds);
}
