using Damon.Operator.Schemes;

namespace Damon.Operator.Tests.Schemes;

public class VersionHashTests
{
    [Theory]
    [InlineData("abc-e", "abc", true, false)]
    [InlineData("abc-ep", "abc", true, true)]
    [InlineData("abc-o", "abc", false, false)]
    [InlineData("abc-op", "abc", false, true)]
    [InlineData("a-b-e", "a-b", true, false)]
    public void A_hash_says_version_and_form(string text, string version, bool acts, bool isPaused)
    {
        VersionHash.TryParse(text, out var hash).Should().BeTrue();
        hash.Should().Be(new VersionHash(version, new(acts, isPaused)));
        hash.ToString().Should().Be(text);
    }

    [Theory]
    [InlineData("")]
    [InlineData("abc")]
    [InlineData("-e")]
    [InlineData("abc-")]
    [InlineData("abc-x")]
    [InlineData("abc-E")]
    public void Another_text_is_nobodys_version(string text) => VersionHash.TryParse(text, out _).Should().BeFalse();

    [Fact]
    public void A_text_goes_through_all_forms_and_comes_back()
    {
        var text = VersionText.Read("""{"b":1,"mode":"Observe","a":{"mode":"kept","paused":true}}"""u8.ToArray());
        foreach (var form in (VersionForm[])[new(true, false), new(true, true), new(false, true)])
        {
            text.In(form).Form.Should().Be(form);
            text.In(form).In(text.Form).Digest.Should().Be(text.Digest);
        }
    }
}
