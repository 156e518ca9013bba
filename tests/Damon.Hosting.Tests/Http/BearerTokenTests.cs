using System.Diagnostics.CodeAnalysis;
using Damon.Hosting.Http;
using Damon.Hosting.Processes;
using Microsoft.Extensions.Time.Testing;

namespace Damon.Hosting.Tests.Http;

[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "The token's file lies in a temporary folder.")]
public sealed class BearerTokenTests : IDisposable
{
    private const string Token = "0123456789abcdef";

    private readonly string _folder = Directory.CreateTempSubdirectory("damon-token-tests-").FullName;
    private readonly FakeTimeProvider _time = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("Bearer 0123456789abcdef", true)]
    [InlineData("bearer 0123456789abcdef", true)]
    [InlineData("Bearer 0123456789abcdeF", false)]
    [InlineData("Bearer 0123456789abcde", false)]
    [InlineData("Bearer 0123456789abcdef0", false)]
    [InlineData("Bearer  0123456789abcdef", false)]
    [InlineData("Bearer 0123456789abcdef,Bearer x", false)]
    [InlineData("Bearer ", false)]
    [InlineData("Bearer", false)]
    [InlineData("Basic 0123456789abcdef", false)]
    [InlineData("0123456789abcdef", false)]
    [InlineData("", false)]
    public void Only_the_very_token_opens(string authorization, bool opens) => Open(Token + "\n")!.IsPresentedBy(authorization).Should().Be(opens);

    [Theory]
    [InlineData("", "at least 16")]
    [InlineData("\n", "at least 16")]
    [InlineData("0123456789abcde", "at least 16")]
    [InlineData("01234567 89abcdef", "visible")]
    [InlineData("0123456789abcdef\nsecond", "one line")]
    [InlineData("0123456789abcdeé", "ASCII")]
    [InlineData(null, "cannot be read")]
    public void A_file_without_a_good_token_is_refused_with_what_would_help(string? content, string message)
    {
        if (content is not null)
        {
            Write(content);
        }

        BearerToken.Open(OwnFile.ReadText, Path.Combine(_folder, "token"), _time, out var error).Should().BeNull();
        error.Should().Contain("/token").And.Contain(message);
    }

    [Fact]
    public void A_file_of_any_length_is_not_read_in_whole()
    {
        Write(new string('a', 10_000));
        BearerToken.Open(OwnFile.ReadText, Path.Combine(_folder, "token"), _time, out var error).Should().BeNull();
        error.Should().Contain("cannot be read");
    }

    [Fact]
    public void A_replaced_token_is_taken_over_and_a_vanished_one_stays()
    {
        var token = Open(Token)!;
        Write("fedcba9876543210");
        token.IsPresentedBy("Bearer " + Token).Should().BeTrue("the file is read every ten seconds at most");
        _time.Advance(TimeSpan.FromSeconds(10));
        token.IsPresentedBy("Bearer " + Token).Should().BeFalse();
        token.IsPresentedBy("Bearer fedcba9876543210").Should().BeTrue();
        File.Delete(Path.Combine(_folder, "token"));
        _time.Advance(TimeSpan.FromSeconds(10));
        token.IsPresentedBy("Bearer fedcba9876543210").Should().BeTrue();
    }

    private BearerToken? Open(string content)
    {
        Write(content);
        return BearerToken.Open(OwnFile.ReadText, Path.Combine(_folder, "token"), _time, out _);
    }

    private void Write(string content) => File.WriteAllText(Path.Combine(_folder, "token"), content);
}
