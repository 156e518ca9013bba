using Damon.Engine.Host;

namespace Damon.NodeAgent.Safety;

/// <summary>How much room the memory nodes have: what is free above the high watermarks of their zones. One for all containers, since the file grows with the machine, to a megabyte and more.</summary>
/// <param name="host">The host.</param>
/// <param name="pageBytes">The machine's page size.</param>
/// <param name="reader">The thread's reader.</param>
/// <param name="time">The clock.</param>
internal sealed class NodeRooms(HostRoot host, ulong pageBytes, HostReader reader, TimeProvider time) : IDisposable
{
    private readonly KernelText _zones = new(host, "/proc/zoneinfo", reader);
    private readonly Dictionary<int, (HostErrorKind Error, ulong Bytes, long At)> _rooms = [];

    /// <summary>The file.</summary>
    public string Path => _zones.Path;

    /// <summary>Asks for one node.</summary>
    /// <param name="node">Its number.</param>
    /// <param name="maxAge">How old the answer may be; nothing for reading anew.</param>
    /// <param name="bytes">Its room.</param>
    /// <returns>Why that is not known.</returns>
    public HostErrorKind Read(int node, TimeSpan maxAge, out ulong bytes)
    {
        if (!_rooms.TryGetValue(node, out var known) || time.GetElapsedTime(known.At) >= maxAge)
        {
            var error = _zones.Read(out var content);
            ulong pages = 0;
            if (error == HostErrorKind.None && !Zoneinfo.TryGetFreeAboveHigh(content, node, out pages))
            {
                error = HostErrorKind.Malformed;
            }

            _rooms[node] = known = (error, pages * pageBytes, time.GetTimestamp());
        }

        bytes = known.Bytes;
        return known.Error;
    }

    public void Dispose() => _zones.Dispose();
}
