using System.Net;

namespace Damon.Testing.ApiServer;

/// <summary>Hands the body out as it is, without a copy that would wait for its end.</summary>
internal sealed class FakeContent(FakeBody body) : HttpContent
{
    protected override Task<Stream> CreateContentReadStreamAsync() => Task.FromResult<Stream>(body);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => throw new NotSupportedException();

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
