using System.Text.Json;
using Damon.Hosting.Processes;
using Microsoft.Extensions.Time.Testing;

namespace Damon.Hosting.Tests.Processes;

public class JsonLogTests
{
    [Fact]
    public void Each_message_is_one_object_on_one_line_whatever_is_in_it()
    {
        using var output = new StringWriter();
        var log = new JsonLog(output, new FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero)));
        log.Info("a\nb \"c\" \ud83d\ude00");
        log.Unexpected("something", new InvalidOperationException("because"));
        var lines = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        lines.Should().HaveCount(2);
        lines[0].GetProperty("message").GetString().Should().Be("a\nb \"c\" \ud83d\ude00");
        (lines[0].GetProperty("level").GetString(), lines[0].GetProperty("time").GetDateTimeOffset().Year).Should().Be(("info", 2030));
        lines[1].GetProperty("exception").GetString().Should().Contain("because");
    }
}
