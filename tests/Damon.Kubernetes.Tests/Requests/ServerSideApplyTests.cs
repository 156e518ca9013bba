using Damon.Kubernetes.Objects;
using Damon.Kubernetes.Requests;
using Damon.Kubernetes.Tests.Conformance;
using Damon.Testing;
using Damon.Testing.ApiServer;

namespace Damon.Kubernetes.Tests.Requests;

public class ServerSideApplyTests
{
    [Theory]
    [InlineData(409, "Conflict", 5)]
    [InlineData(429, "TooManyRequests", 5)]
    [InlineData(503, "ServiceUnavailable", 5)]
    [InlineData(403, "Forbidden", 1)]
    [InlineData(404, "NotFound", 1)]
    [InlineData(422, "Invalid", 1)]
    public void What_may_pass_is_tried_again_and_what_will_not_is_not(int code, string reason, int attempts) => VirtualLoop.Run(async loop =>
    {
        var server = new FakeApiServer(loop, FakeUnderTest.WidgetKind) { Faults = _ => FakeFault.Answers(code, reason) };
        var result = await ApplyAsync(server, loop);
        result.Failure!.StatusCode.Should().Be(code);
        server.Requests.Should().HaveCount(attempts);
    });

    [Fact]
    public void A_conflict_that_passes_is_not_seen() => VirtualLoop.Run(async loop =>
    {
        var left = 3;
        var server = new FakeApiServer(loop, FakeUnderTest.WidgetKind) { Faults = _ => left-- > 0 ? FakeFault.Answers(409, "Conflict") : null };
        (await ApplyAsync(server, loop)).Failure.Should().BeNull();
    });

    [Theory]
    [InlineData(3, 2)]
    [InlineData(60, 1)]
    public void A_short_wait_that_the_server_asks_for_is_waited_and_a_long_one_is_the_caller_s(int seconds, int attempts) => VirtualLoop.Run(async loop =>
    {
        var server = new FakeApiServer(loop, FakeUnderTest.WidgetKind)
        {
            Faults = request => request.At == TimeSpan.Zero ? FakeFault.Answers(429, "TooManyRequests", TimeSpan.FromSeconds(seconds)) : null,
        };
        var result = await ApplyAsync(server, loop);
        result.Succeeded.Should().Be(attempts == 2);
        server.Requests.Should().HaveCount(attempts);
        if (attempts == 2)
            loop.Elapsed.Should().BeGreaterThanOrEqualTo(TimeSpan.FromSeconds(seconds));
        else
            result.Failure!.RetryAfter.Should().Be(TimeSpan.FromSeconds(seconds));
    });

    private static Task<ApiResult<ReadOnlyMemory<byte>>> ApplyAsync(FakeApiServer server, TimeProvider time) =>
        new ServerSideApply(FakeUnderTest.ClientOf(server, time), "agent", new ServerSideApplyOptions(), time, seed: 1)
            .ApplyAsync(ApiServerUnderTest.Widgets, new ObjectKey("w"), ApiServerUnderTest.Widget("w", 1, "a"), subresource: null, force: true, CancellationToken.None);
}
