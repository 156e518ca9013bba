using System.Net;

namespace Damon.Testing.ApiServer;

/// <summary>A process's connections: while the process is stopped nothing leaves it and nothing reaches it, though what has left it arrives. One that is never resumed was killed.</summary>
/// <param name="server">The server.</param>
public sealed class StoppableTransport(HttpMessageHandler server) : HttpMessageHandler
{
    private readonly HttpMessageInvoker _server = new(server, disposeHandler: false);
    private TaskCompletionSource? _stopped;

    public void Stop() => _stopped ??= new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Resume()
    {
        var stopped = _stopped;
        _stopped = null;
        stopped?.SetResult();
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        await PassAsync();
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            var response = await _server.SendAsync(request, cancellationToken);
            response.Content = new Body(this, await response.Content.ReadAsStreamAsync(cancellationToken));
            return response;
        }
        finally
        {
            await PassAsync();
        }
    }

    protected override void Dispose(bool disposing)
    {
        _server.Dispose();
        base.Dispose(disposing);
    }

    private async Task PassAsync()
    {
        while (_stopped is { } stopped)
            await stopped.Task;
    }

    private sealed class Body(StoppableTransport transport, Stream body) : HttpContent
    {
        protected override Task<Stream> CreateContentReadStreamAsync() => Task.FromResult<Stream>(new Reader(transport, body));

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => throw new NotSupportedException();

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }

    private sealed class Reader(StoppableTransport transport, Stream body) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            try
            {
                return await body.ReadAsync(buffer, cancellationToken);
            }
            finally
            {
                await transport.PassAsync();
            }
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                body.Dispose();
            base.Dispose(disposing);
        }
    }
}
