using System.Diagnostics.CodeAnalysis;
using Damon.Kubernetes.Connections;
using Damon.Testing;

namespace Damon.Kubernetes.Tests.Connections;

[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "A token file of the test's own.")]
public sealed class TokenFileTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();
    private readonly VirtualTime _time = new();

    public void Dispose() => File.Delete(_path);

    [Fact]
    public async Task A_replaced_token_is_used_within_a_minute()
    {
        var token = Make("one\n");
        (await AskAsync(token)).Should().Be("Bearer one");
        await File.WriteAllTextAsync(_path, "two", TestContext.Current.CancellationToken);
        _time.Advance(TimeSpan.FromSeconds(59));
        (await AskAsync(token)).Should().Be("Bearer one");
        _time.Advance(TimeSpan.FromSeconds(1));
        (await AskAsync(token)).Should().Be("Bearer two");
    }

    [Fact]
    public async Task A_refused_token_is_read_again_at_once()
    {
        var token = Make("one");
        await AskAsync(token);
        await File.WriteAllTextAsync(_path, "two", TestContext.Current.CancellationToken);
        token.Rejected();
        (await AskAsync(token)).Should().Be("Bearer two");
    }

    [Fact]
    public async Task While_the_file_is_away_the_last_token_is_used()
    {
        var token = Make("one");
        await AskAsync(token);
        File.Delete(_path);
        _time.Advance(TimeSpan.FromMinutes(5));
        (await AskAsync(token)).Should().Be("Bearer one");
    }

    [Fact]
    public async Task Without_any_token_nothing_is_sent()
    {
        var token = Make("one");
        File.Delete(_path);
        await FluentActions.Awaiting(() => AskAsync(token)).Should().ThrowAsync<IOException>();
    }

    private static async Task<string> AskAsync(TokenFile token)
    {
        using var request = new HttpRequestMessage();
        await token.AuthorizeAsync(request, CancellationToken.None);
        return request.Headers.Authorization!.ToString();
    }

    private TokenFile Make(string text)
    {
        File.WriteAllText(_path, text);
        return new TokenFile(_path, _time);
    }
}
