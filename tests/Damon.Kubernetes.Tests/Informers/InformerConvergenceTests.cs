using CsCheck;
using Damon.Kubernetes.Informers;
using Damon.Testing;
using Damon.Testing.ApiServer;

namespace Damon.Kubernetes.Tests.Informers;

/// <summary>Whatever happens, and whatever goes wrong on the way: in the end the store is the server's, and what was told follows from one thing to the next (which the handler checks).</summary>
public class InformerConvergenceTests
{
    private enum Step
    {
        Put,
        PutMany,
        Delete,
        Recreate,
        Compact,
        Drop,
        End,
        Cut,
        Garble,
        Expire,
        Fail,
        Silence,
        FaultUnreachable,
        FaultServerError,
        FaultThrottled,
        FaultGone,
        FaultHang,
        FaultCutOff,
        FaultSlow,
        FaultExpiredPages,
        FaultOver,
        Wait,
        WaitLong,
    }

    private static readonly Gen<(Step, int)[]> Steps = Gen.Select(Gen.Int[0, (int)Step.WaitLong].Select(step => (Step)step), Gen.Int[0, 9]).Array[1, 40];

    [Theory]
    [InlineData(ListMode.Paged)]
    [InlineData(ListMode.Cached)]
    public void After_any_changes_and_faults_the_store_equals_the_server(ListMode mode) => Check.Sample(
        Gen.Select(Steps, Gen.ULong),
        (steps, seed) => VirtualLoop.Run(async loop =>
        {
            using var bench = new InformerBench(loop, options => options with { ListMode = mode }, seed);
            bench.Put("w0");
            bench.Start();
            foreach (var (step, at) in steps)
                await DoAsync(bench, step, at);
            bench.Server.Faults = static _ => null;
            await loop.Pass(TimeSpan.FromMinutes(25));

            bench.StoreShouldEqualServer();
            bench.History.IsSettled.Should().BeTrue();
            bench.Informer.Health.Failure.Should().BeNull();
            bench.Server.Requests.Count.Should().BeLessThan((int)(loop.Elapsed.TotalSeconds * 3) + 200, "no fault makes a hot loop");
            await bench.StopAsync();
        }),
        iter: 400,
        threads: 1);

    private static async Task DoAsync(InformerBench bench, Step step, int at)
    {
        var server = bench.Server;
        var isThere = server.Objects(InformerBench.Widgets).Any(found => found["metadata"]!["name"]!.GetValue<string>() == $"w{at}");
        FakeFault? fault = step switch
        {
            Step.FaultUnreachable => FakeFault.Unreachable,
            Step.FaultServerError => FakeFault.Answers(503, "ServiceUnavailable"),
            Step.FaultThrottled => FakeFault.Answers(429, "TooManyRequests", TimeSpan.FromSeconds(at)),
            Step.FaultGone => FakeFault.Answers(404, "NotFound"),
            Step.FaultHang => FakeFault.Hangs,
            Step.FaultCutOff => FakeFault.CutOff,
            Step.FaultSlow => FakeFault.Slow(TimeSpan.FromSeconds(at * 3)),
            Step.FaultExpiredPages => FakeFault.Answers(410, "Expired"),
            _ => null,
        };
        if (fault is not null)
            server.Faults = request => step != Step.FaultExpiredPages || request.IsContinued ? fault : null;
        switch (step)
        {
            case Step.Put:
                bench.Put($"w{at}", (int)server.Version);
                break;
            case Step.PutMany:
                for (var name = 0; name <= at; name++)
                    bench.Put($"w{name}", (int)server.Version);
                break;
            case Step.Delete when isThere:
                bench.Delete($"w{at}");
                break;
            case Step.Recreate when isThere:
                bench.Delete($"w{at}");
                bench.Put($"w{at}");
                break;
            case Step.Compact:
                server.Compact();
                break;
            case Step.Drop:
                server.DropWatches();
                break;
            case Step.End:
                server.EndWatches();
                break;
            case Step.Cut:
                server.CutWatches();
                break;
            case Step.Garble:
                server.GarbleWatches();
                break;
            case Step.Expire:
                server.ExpireWatches();
                break;
            case Step.Fail:
                server.FailWatches(500, "InternalError");
                break;
            case Step.Silence:
                server.SilenceWatches();
                break;
            case Step.FaultOver:
                server.Faults = static _ => null;
                break;
            case Step.Wait:
                await bench.Loop.Pass(TimeSpan.FromMilliseconds(300 * at));
                break;
            case Step.WaitLong:
                await bench.Loop.Pass(TimeSpan.FromSeconds(20 * at));
                break;
        }
    }
}
