using Damon.Kubernetes.Informers;
using Damon.Kubernetes.Objects;
using Damon.Kubernetes.Requests;
using Damon.Kubernetes.Tests.Conformance;
using Damon.Testing;
using Damon.Testing.ApiServer;

namespace Damon.Kubernetes.Tests.Informers;

/// <summary>A fake server with widgets, and an informer of them on virtual time.</summary>
internal sealed class InformerBench : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private Task? _running;

    public InformerBench(VirtualLoop loop, Func<InformerOptions<RawObject>, InformerOptions<RawObject>>? with = null, ulong seed = 1, IObjectHandler<RawObject>? also = null)
    {
        Loop = loop;
        Server = new FakeApiServer(loop, FakeUnderTest.WidgetKind);
        var options = new InformerOptions<RawObject>(new ObjectQuery(ApiServerUnderTest.Widgets), ObjectDecoders.Raw()) { PageSize = 3 };
        Informer = new Informer<RawObject>(
            FakeUnderTest.ClientOf(Server, loop), with?.Invoke(options) ?? options, also is null ? [History] : [History, also], loop, seed);
    }

    public VirtualLoop Loop { get; }

    public FakeApiServer Server { get; }

    public HistoryHandler<RawObject> History { get; } = new();

    public Informer<RawObject> Informer { get; }

    public static FakeKind Widgets => FakeUnderTest.WidgetKind;

    public void Put(string name, int size = 1) => Server.Put(Widgets, $$"""{"metadata":{"name":"{{name}}"},"spec":{"size":{{size}} } }""");

    public void Delete(string name) => Server.Delete(Widgets, "", name);

    public void Start() => _running = Informer.RunAsync(_stop.Token);

    public async Task StartSettledAsync()
    {
        Start();
        await Informer.WaitUntilSettledAsync(CancellationToken.None);
        // The watch is on its way.
        await Loop.Pass(TimeSpan.FromMilliseconds(1));
    }

    public async Task StopAsync()
    {
        _stop.Cancel();
        await _running!;
    }

    public int Count(FakeVerb verb) => Server.Requests.Count(request => request.Verb == verb);

    /// <summary>Names and versions, of the server and of the store.</summary>
    public void StoreShouldEqualServer()
    {
        var truth = Server.Objects(Widgets).ToDictionary(found => found["metadata"]!["name"]!.GetValue<string>(), found => found["metadata"]!["resourceVersion"]!.GetValue<string>());
        Informer.Store.List().ToDictionary(stored => stored.Key.Name, stored => stored.Header.ResourceVersion).Should().Equal(truth);
        History.Objects.ToDictionary(known => known.Key.Name, known => known.Value.ResourceVersion).Should().Equal(truth);
    }

    public void Dispose() => _stop.Dispose();
}
