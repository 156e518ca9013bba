using System.Net;
using System.Net.Sockets;

namespace Damon.Testing.ControlPlane.Faults;

/// <summary>
/// Passes bytes between clients and a server, below TLS: counts them, can stand still as a network does that has lost a path (both ends believe in their connection), and can break everything off.
/// </summary>
public sealed class TcpRelay : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, Servers.LoopbackPorts.Free());
    private readonly CancellationTokenSource _stop = new();
    private readonly IPEndPoint _server;

    // Guards the open connections and the gate.
    private readonly Lock _lock = new();
    private readonly HashSet<Socket> _open = [];
    private TaskCompletionSource? _stillness;
    private volatile bool _isClosed;
    private long _up;
    private long _down;

    /// <summary>Starts one.</summary>
    /// <param name="serverPort">The server's port on loopback.</param>
    public TcpRelay(int serverPort)
    {
        _server = new IPEndPoint(IPAddress.Loopback, serverPort);
        _listener.Start();
        _ = AcceptAsync();
    }

    /// <summary>Where clients find it.</summary>
    public Uri Url => new($"https://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    /// <summary>Bytes from clients to the server.</summary>
    public long BytesUp => Interlocked.Read(ref _up);

    /// <summary>Bytes from the server to clients.</summary>
    public long BytesDown => Interlocked.Read(ref _down);

    /// <summary>Nothing passes any more, and nobody is told; new connections are taken and get no answer.</summary>
    public void Freeze()
    {
        lock (_lock)
            _stillness ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>Goes on, with all that waited.</summary>
    public void Thaw()
    {
        lock (_lock)
        {
            _stillness?.SetResult();
            _stillness = null;
        }
    }

    /// <summary>Breaks every connection off, and takes no new one until <see cref="Open"/>.</summary>
    public void Close()
    {
        _isClosed = true;
        Cut();
    }

    /// <summary>Takes connections again.</summary>
    public void Open() => _isClosed = false;

    /// <summary>Breaks every connection off; new ones are taken.</summary>
    public void Cut()
    {
        lock (_lock)
        {
            foreach (var socket in _open)
                socket.Close(timeout: 0);
            _open.Clear();
        }
    }

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Stop();
        Thaw();
        Cut();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await _listener.AcceptSocketAsync(_stop.Token));
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The end.
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using (client)
        {
            client.NoDelay = true;
            if (_isClosed)
            {
                client.Close(timeout: 0);
                return;
            }

            lock (_lock)
            {
                _open.Add(client);
                _open.Add(server);
            }

            try
            {
                await StandStillAsync();
                await server.ConnectAsync(_server, _stop.Token);
                await Task.WhenAny(PassAsync(client, server, up: true), PassAsync(server, client, up: false));
            }
            catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // One end is gone: so is the other, at once.
            }
            finally
            {
                lock (_lock)
                {
                    _open.Remove(client);
                    _open.Remove(server);
                }
            }
        }
    }

    private async Task PassAsync(Socket from, Socket to, bool up)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer, _stop.Token) is > 0 and var read)
            {
                await StandStillAsync();
                for (var sent = 0; sent < read;)
                    sent += await to.SendAsync(buffer.AsMemory(sent, read - sent), _stop.Token);
                Interlocked.Add(ref up ? ref _up : ref _down, read);
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // As above.
        }
    }

    private async Task StandStillAsync()
    {
        Task? stillness;
        lock (_lock)
            stillness = _stillness?.Task;
        if (stillness is not null)
            await stillness.WaitAsync(_stop.Token);
    }
}
