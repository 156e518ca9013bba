using Damon.Testing.ControlPlane.Servers;

namespace Damon.Kubernetes.Tests.ControlPlane;

/// <summary>A real server for all tests of a class, started by the first that wants it.</summary>
/// <param name="program">The program that is needed beside etcd.</param>
/// <param name="make">Makes the server.</param>
public abstract class RealServerFixture(string program, Func<ApiServer> make) : IAsyncDisposable
{
    private readonly SemaphoreSlim _once = new(1);
    private RealServerUnderTest? _server;
    private int _served;

    internal async Task<RealServerUnderTest> ServerAsync()
    {
        if (ControlPlaneAssets.WhyNot(program) is { } reason)
            Assert.Skip(reason);
        await _once.WaitAsync(TestContext.Current.CancellationToken);
        _served++;
        try
        {
            if (_server is not null)
                return _server;
            var server = new RealServerUnderTest(make());
            try
            {
                await server.StartAsync();
            }
            catch
            {
                server.Dispose();
                throw;
            }

            return _server = server;
        }
        finally
        {
            _once.Release();
        }
    }

    public ValueTask DisposeAsync()
    {
        _server?.Dispose();
        _once.Dispose();
        TierReport.Served(program, _served);
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}
