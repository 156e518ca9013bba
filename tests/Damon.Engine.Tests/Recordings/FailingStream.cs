namespace Damon.Engine.Tests.Recordings;

/// <summary>A stream on a disk that fails: reads and writes that would pass a position do.</summary>
internal sealed class FailingStream : MemoryStream
{
    public const string Message = "no space is left on the device";

    public FailingStream(byte[] content)
    {
        Write(content);
        Position = 0;
    }

    public long FailAt { get; set; } = long.MaxValue;

    public bool KeepsLength { get; set; }

    public override int Read(byte[] buffer, int offset, int count) => Position + count > FailAt ? throw new IOException(Message) : base.Read(buffer, offset, count);

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (Position + buffer.Length > FailAt)
        {
            // As a disk does: what still fits is written.
            base.Write(buffer[..(int)Math.Max(0, FailAt - Position)]);
            throw new IOException(Message);
        }

        base.Write(buffer);
    }

    public override void SetLength(long value)
    {
        if (KeepsLength)
        {
            throw new NotSupportedException("it cannot be cut");
        }

        base.SetLength(value);
    }
}
