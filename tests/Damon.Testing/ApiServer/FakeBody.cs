namespace Damon.Testing.ApiServer;

/// <summary>The body of an answer that goes on: readers wait for what the server has not said yet.</summary>
internal sealed class FakeBody : Stream
{
    private readonly Queue<byte[]> _chunks = new();
    private byte[] _current = [];
    private int _at;
    private TaskCompletionSource? _waiting;
    private bool _isEnded;
    private bool _isBroken;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public bool IsClosed { get; private set; }

    public void Send(byte[] bytes)
    {
        if (_isEnded || _isBroken || bytes.Length == 0)
            return;
        _chunks.Enqueue(bytes);
        _waiting?.TrySetResult();
    }

    /// <summary>In good order.</summary>
    public void End()
    {
        _isEnded = true;
        _waiting?.TrySetResult();
    }

    /// <summary>By a reset of the connection.</summary>
    public void Break()
    {
        _isBroken = true;
        _waiting?.TrySetResult();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_at == _current.Length && _chunks.TryDequeue(out var next))
                (_current, _at) = (next, 0);
            if (_at < _current.Length)
            {
                var count = Math.Min(buffer.Length, _current.Length - _at);
                _current.AsSpan(_at, count).CopyTo(buffer.Span);
                _at += count;
                return count;
            }

            if (_isBroken)
                throw new IOException("The connection was reset.");
            if (_isEnded)
                return 0;
            _waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var registration = cancellationToken.Register(static source => ((TaskCompletionSource)source!).TrySetCanceled(), _waiting);
            await _waiting.Task;
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
        IsClosed = true;
        base.Dispose(disposing);
    }
}
