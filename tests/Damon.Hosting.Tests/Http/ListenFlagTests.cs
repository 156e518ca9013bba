using System.Net;
using Damon.Hosting.Http;

namespace Damon.Hosting.Tests.Http;

public class ListenFlagTests
{
    [Theory]
    [InlineData("127.0.0.1:9855", "127.0.0.1:9855")]
    [InlineData("0.0.0.0:1", "0.0.0.0:1")]
    [InlineData("[::1]:80", "[::1]:80")]
    [InlineData("[::]:65535", "[::]:65535")]
    [InlineData("off", null)]
    public void An_address_with_a_port_or_nothing_is_taken(string value, string? endpoint)
    {
        ListenFlag.TryParse("--listen", value, 9855, out var read).Should().BeEmpty();
        (read?.ToString()).Should().Be(endpoint);
    }

    [Theory]
    [InlineData("")]
    [InlineData("9855")]
    [InlineData(":9855")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:")]
    [InlineData("127.0.0.1:0")]
    [InlineData("127.0.0.1:65536")]
    [InlineData("127.0.0.1:-1")]
    [InlineData("127.0.0.1:+80")]
    [InlineData("127.0.0.1: 80")]
    [InlineData("127.1:80")]
    [InlineData("2130706433:80")]
    [InlineData("localhost:80")]
    [InlineData("::1:80")]
    [InlineData("[::1]")]
    [InlineData("[127.0.0.1]:80")]
    [InlineData("[]:80")]
    [InlineData("http://127.0.0.1:80")]
    public void Anything_else_is_refused_with_what_to_write(string value)
    {
        ListenFlag.TryParse("--listen", value, 9855, out var read).Should().StartWith("--listen: ").And.Contain("127.0.0.1:9855");
        read.Should().BeNull();
    }

    [Theory]
    [InlineData("127.0.0.1:1", null, true)]
    [InlineData("[::1]:1", null, true)]
    [InlineData("127.9.9.9:1", null, true)]
    [InlineData("0.0.0.0:1", null, false)]
    [InlineData("[::]:1", null, false)]
    [InlineData("10.0.0.1:1", null, false)]
    [InlineData("0.0.0.0:1", "/token", true)]
    [InlineData(null, null, true)]
    public void What_can_be_reached_from_elsewhere_needs_a_token(string? endpoint, string? tokenFile, bool isFine) =>
        (ListenFlag.WhyNot(endpoint is null ? null : IPEndPoint.Parse(endpoint), tokenFile).Length == 0).Should().Be(isFine);
}
