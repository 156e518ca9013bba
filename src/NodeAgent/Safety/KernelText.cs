using Damon.Engine.Host;

namespace Damon.NodeAgent.Safety;

/// <summary>
/// One file of the host that a rail reads again and again. It is held open: of a control group that was removed and made anew under its name the open file is still the old one's, and reading it
/// says that it is gone. A file that was never there is looked for anew at each reading.
/// </summary>
/// <param name="host">The host.</param>
/// <param name="path">Absolute, as on the host.</param>
/// <param name="reader">Shared by all files of one thread; holds the content until the next reading.</param>
internal sealed class KernelText(HostRoot host, string path, HostReader reader) : IDisposable
{
    private HostFile? _file;
    private bool _isDisposed;

    public string Path => path;

    /// <summary>Reads it.</summary>
    /// <param name="content">The whole file, until the reader's next use.</param>
    public HostErrorKind Read(out ReadOnlySpan<byte> content)
    {
        content = default;
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_file is null)
        {
            var opened = host.Open(path);
            if (!opened.TryGet(out _file))
            {
                return opened.Error.Kind;
            }
        }

        var read = reader.Read(_file);
        content = reader.Content;
        return read.Error.Kind;
    }

    public void Dispose()
    {
        _isDisposed = true;
        _file?.Dispose();
        _file = null;
    }
}
