namespace Damon.Kubernetes.Tests.ControlPlane;

/// <summary>A real server for all tests of a class, started by the first that wants it.</summary>
public abstract class RealServerFixture : IAsyncDisposable
{
    private readonly SemaphoreSlim _once = new(1);
    private RealServerUnderTest? _server;

    private protected abstract string Program { get; }

    private protected abstract RealServerUnderTest Make();

    internal async Task<RealServerUnderTest> ServerAsync()
    {
        if (RealServerUnderTest.WhyNot(Program) is { } reason)
            Assert.Skip(reason);
        await _once.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            if (_server is not null)
                return _server;
            var server = Make();
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
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}
