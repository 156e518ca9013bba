using System.Net;
using System.Net.Sockets;

namespace Damon.Footprint.Clusters;

/// <summary>Ports that were free a moment ago.</summary>
internal static class LoopbackPort
{
    /// <summary>Finds one.</summary>
    public static int Find()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
