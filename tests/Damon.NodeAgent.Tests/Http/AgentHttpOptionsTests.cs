using Damon.NodeAgent.Http;

namespace Damon.NodeAgent.Tests.Http;

public class AgentHttpOptionsTests
{
    [Theory]
    [InlineData("127.0.0.1:9855", "127.0.0.1:9855")]
    [InlineData("0.0.0.0:0", "0.0.0.0:0")]
    [InlineData("[::1]:80", "[::1]:80")]
    [InlineData("[::]:65535", "[::]:65535")]
    public void An_address_and_a_port_are_read(string text, string listen)
    {
        AgentHttpOptions.TryParseListen(text, out var parsed).Should().BeTrue();
        parsed.ToString().Should().Be(listen);
    }

    [Theory]
    [InlineData("")]
    [InlineData("9855")]
    [InlineData(":9855")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:")]
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
    public void Anything_else_is_refused(string text) => AgentHttpOptions.TryParseListen(text, out _).Should().BeFalse();
}
