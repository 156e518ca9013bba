using System.Text;
using System.Text.Json;
using Damon.Kubernetes.Requests;

namespace Damon.Kubernetes.Tests.Requests;

public class ReadingTests
{
    [Theory]
    [InlineData("""{"kind":"L","metadata":{"resourceVersion":"7","continue":"x"},"items":[{"a":1},{"b":[1,{"c":"]"}]}]}""")]
    [InlineData("""{"items":[{"a":1},{"b":[1,{"c":"]"}]}],"kind":"L","metadata":{"selfLink":"","continue":"x","remainingItemCount":3,"resourceVersion":"7"}}""")]
    [InlineData(""" { "items" : [ {"a":1} , {"b":[1,{"c":"]"}]} ] , "extra":{"items":[{"no":1}]}, "metadata" : { "resourceVersion":"7","continue":"x"} } """)]
    public async Task A_list_is_read_the_same_however_it_arrives(string json)
    {
        for (var step = 1; step <= 40; step++)
        {
            var (items, page) = await ReadAsync(json, step);
            items.Should().Equal("""{"a":1}""", """{"b":[1,{"c":"]"}]}""");
            page.Should().Be(new ListPage("7", "x"));
        }
    }

    [Theory]
    [InlineData("""{"items":null,"metadata":{"resourceVersion":"7"}}""")]
    [InlineData("""{"metadata":{"resourceVersion":"7","continue":""}}""")]
    public async Task A_list_may_be_empty(string json)
    {
        var (items, page) = await ReadAsync(json, 5);
        items.Should().BeEmpty();
        page.Should().Be(new ListPage("7", ""));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("<html>")]
    [InlineData("""{"items":[{"a":1}""")]
    [InlineData("""{"items":[{"a":1}],"metadata":{"resourceVersion":"7"}""")]
    public async Task Half_a_list_is_none(string json) => await FluentActions.Awaiting(() => ReadAsync(json, 4)).Should().ThrowAsync<JsonException>();

    [Fact]
    public async Task An_object_beyond_the_bound_is_refused()
    {
        var json = $$"""{"items":["{{new string('x', 200_000)}}"]}""";
        using var buffer = new StreamBuffer(new MemoryStream(Encoding.UTF8.GetBytes(json)), maxBytes: 65_536);
        await FluentActions.Awaiting(async () => await new ListPageReader(buffer, static _ => { }).ReadAsync(CancellationToken.None)).Should().ThrowAsync<InvalidDataException>();
    }

    [Theory]
    [InlineData("""{"type":"ADDED","object":{"a":1}}""", WatchEventType.Added)]
    [InlineData("""{"object":{"a":1},"type":"MODIFIED"}""", WatchEventType.Modified)]
    [InlineData("""{"type":"DELETED","more":[1],"object":{"a":1}}""", WatchEventType.Deleted)]
    [InlineData("""{"type":"BOOKMARK","object":{"a":1}}""", WatchEventType.Bookmark)]
    public void A_line_of_a_watch_is_an_event(string line, WatchEventType type)
    {
        var parsed = WatchLine.Parse(Encoding.UTF8.GetBytes(line));
        parsed.Type.Should().Be(type);
        Encoding.UTF8.GetString(parsed.Content).Should().Be("""{"a":1}""");
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("""{"type":"ADDED"}""")]
    [InlineData("""{"type":"NEWS","object":{}}""")]
    [InlineData("""{"type":"ADDED","object":{"a":1}""")]
    [InlineData("""{"type":"ADDED","object":{"a":{"type":"ADDED","object":{"b":1}}""")]
    [InlineData("""{"type":"ADDED","object":{"a":1}}{"type":"ADDED","object":{"b":1}}""")]
    public void What_is_no_whole_event_is_refused(string line) => FluentActions.Invoking(() => WatchLine.Parse(Encoding.UTF8.GetBytes(line)).Type).Should().Throw<JsonException>();

    [Theory]
    [InlineData(401, "no json", ApiFailureKind.Unauthorized)]
    [InlineData(403, "", ApiFailureKind.Forbidden)]
    [InlineData(404, "404 page not found", ApiFailureKind.NotFound)]
    [InlineData(409, """{"kind":"Status","reason":"AlreadyExists"}""", ApiFailureKind.AlreadyExists)]
    [InlineData(409, """{"kind":"Status","reason":"Conflict"}""", ApiFailureKind.Conflict)]
    [InlineData(409, """{"reason":"Conflict","details":{"causes":[{"reason":"FieldManagerConflict"}]}}""", ApiFailureKind.FieldConflict)]
    [InlineData(410, "{}", ApiFailureKind.Expired)]
    [InlineData(0, """{"code":410,"reason":"Expired"}""", ApiFailureKind.Expired)]
    [InlineData(422, "[]", ApiFailureKind.Invalid)]
    [InlineData(429, """{"details":"none"}""", ApiFailureKind.Throttled)]
    [InlineData(500, """{"details":{"causes":null}}""", ApiFailureKind.ServerError)]
    [InlineData(504, """{"details":{"causes":[{"reason":"ResourceVersionTooLarge"}]}}""", ApiFailureKind.VersionAhead)]
    [InlineData(504, """{"message":"Timeout: Too large resource version: 9, current: 1"}""", ApiFailureKind.VersionAhead)]
    [InlineData(504, "upstream", ApiFailureKind.ServerError)]
    [InlineData(0, "{}", ApiFailureKind.ServerError)]
    public void A_failure_is_read_from_whatever_the_server_says(int code, string body, ApiFailureKind kind) =>
        FailureReader.Read(code, Encoding.UTF8.GetBytes(body), retryAfter: null).Kind.Should().Be(kind);

    [Fact]
    public void A_status_may_ask_to_wait() =>
        FailureReader.Read(429, """{"details":{"retryAfterSeconds":7}}"""u8, retryAfter: null).RetryAfter.Should().Be(TimeSpan.FromSeconds(7));

    private static async Task<(List<string> Items, ListPage Page)> ReadAsync(string json, int step)
    {
        List<string> items = [];
        using var buffer = new StreamBuffer(new DrippingStream(Encoding.UTF8.GetBytes(json), step), maxBytes: 1 << 20);
        var page = await new ListPageReader(buffer, item => items.Add(Encoding.UTF8.GetString(item))).ReadAsync(CancellationToken.None);
        return (items, page);
    }

    /// <summary>A few bytes at a time.</summary>
    private sealed class DrippingStream(byte[] bytes, int step) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(step, buffer.Length)], cancellationToken);
    }
}
