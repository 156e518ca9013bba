using System.Diagnostics.CodeAnalysis;
using Damon.Testing;

namespace Damon.Kubernetes.Tests.ControlPlane;

/// <summary>A real server for all tests of a class, started by the first that wants it. Says at the end, in a file of the build's artifacts, how many tests it served.</summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "A file of the build's own artifacts.")]
public abstract class RealServerFixture : IAsyncDisposable
{
    private readonly SemaphoreSlim _once = new(1);
    private RealServerUnderTest? _server;
    private int _served;

    private protected abstract string Program { get; }

    private protected abstract RealServerUnderTest Make();

    internal async Task<RealServerUnderTest> ServerAsync()
    {
        if (RealServerUnderTest.WhyNot(Program) is { } reason)
            Assert.Skip(reason);
        await _once.WaitAsync(TestContext.Current.CancellationToken);
        _served++;
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
        if (_served > 0)
        {
            var folder = Directory.CreateDirectory(Path.Combine(TestPaths.RepositoryRoot, "artifacts", "control-plane"));
            File.WriteAllText(Path.Combine(folder.FullName, Program), $"{Program}: {_served} tests\n");
        }

        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}
