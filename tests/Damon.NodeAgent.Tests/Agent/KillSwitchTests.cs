using System.Text;
using CsCheck;
using Damon.NodeAgent.Cluster;
using Damon.NodeAgent.Tests.Cluster;
using Damon.NodeAgent.Tests.Plans;
using Damon.NodeAgent.Tests.Pods;
using Damon.Testing;
using Damon.Testing.ApiServer;

namespace Damon.NodeAgent.Tests.Agent;

/// <summary>
/// The whole way of the kill switch: somebody writes <c>mode: Off</c> into the cluster's configuration, and nobody else does anything. There is no operator, so the node's plan goes on saying Enforce. What is
/// measured is the last action on any process.
/// </summary>
public class KillSwitchTests
{
    /// <summary>From when the API server has the word and can be reached.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);

    private static readonly Dictionary<string, Func<Switched, Task>> Troubles = new(StringComparer.Ordinal)
    {
        ["nothing else happens"] = switched => switched.OffAsync(),
        ["the words around it are of another version"] = switched => switched.OffAsync(""","spoken":{"of":"later"}"""),
        ["all watches are dropped"] = switched => switched.OffAsync(before: server => server.DropWatches()),
        ["all watches end"] = switched => switched.OffAsync(before: server => server.EndWatches()),
        ["all watches break off within an event"] = switched => switched.OffAsync(before: server => server.CutWatches()),
        ["all watches bring what is no event"] = switched => switched.OffAsync(before: server => server.GarbleWatches()),
        ["all watches are told that they are too old"] = switched => switched.OffAsync(before: server =>
        {
            server.Compact();
            server.ExpireWatches();
        }),
        ["nothing but the configuration is answered"] = async switched =>
        {
            switched.Server.Faults = request => request.Plural == FakeKind.DamonClusterConfigs.Plural ? null : FakeFault.Unreachable;
            switched.Server.DropWatches();
            await switched.RunAsync(TimeSpan.FromMinutes(3));
            await switched.OffAsync();
        },
        ["every answer is slow"] = async switched =>
        {
            switched.Server.Faults = static _ => FakeFault.Slow(TimeSpan.FromSeconds(4));
            switched.Server.DropWatches();
            await switched.RunAsync(TimeSpan.FromMinutes(1));
            await switched.OffAsync();
        },
        ["the configuration is made anew"] = async switched =>
        {
            switched.Server.Delete(FakeKind.DamonClusterConfigs, "", "cluster");
            await switched.OffAsync();
        },
        ["the server is away for a second"] = switched => OutageAsync(switched, TimeSpan.FromSeconds(1), FakeFault.Unreachable),
        ["the server is away for a minute"] = switched => OutageAsync(switched, TimeSpan.FromMinutes(1), FakeFault.Unreachable),
        ["the server is away for fifty minutes"] = switched => OutageAsync(switched, TimeSpan.FromMinutes(50), FakeFault.Unreachable),
        ["the server fails for ten minutes"] = switched => OutageAsync(switched, TimeSpan.FromMinutes(10), FakeFault.Answers(500, "InternalError")),
        ["the server refuses for ten minutes"] = switched => OutageAsync(switched, TimeSpan.FromMinutes(10), FakeFault.Answers(403, "Forbidden")),
        ["the server asks for two minutes of peace"] = switched => OutageAsync(switched, TimeSpan.FromMinutes(10), FakeFault.Answers(429, "TooManyRequests", TimeSpan.FromMinutes(2))),
        ["the server's answers break off"] = switched => OutageAsync(switched, TimeSpan.FromMinutes(2), FakeFault.CutOff, mayBeHeard: true),
    };

    public static TheoryData<string> Names => [.. Troubles.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Switched_off_everything_ends_within_ten_seconds_though(string trouble) => VirtualLoop.Run(async loop =>
    {
        await using var switched = await Switched.ActingAsync(loop);
        await Troubles[trouble](switched);
        await switched.RunAsync(Bound);
        var done = switched.World.Done.Count;
        await switched.RunAsync(TimeSpan.FromMinutes(5));

        switched.World.Done.Count.Should().Be(done, "nothing is begun after the bound");
        switched.PlannedMode.Should().Be("Enforce", "nobody has changed the plan");
        switched.World.Unexpected.Should().BeEmpty();
        (switched.World.Violations.Count, switched.World.Ledger!.Count).Should().Be((0, 0));
    });

    [Fact]
    public void Switched_on_again_it_goes_on() => VirtualLoop.Run(async loop =>
    {
        await using var switched = await Switched.ActingAsync(loop);
        await switched.OffAsync();
        await switched.RunAsync(TimeSpan.FromMinutes(2));
        var done = switched.World.Done.Count;

        switched.PutConfig("Enforce");
        await switched.RunAsync(TimeSpan.FromMinutes(2));

        switched.World.Done.Count.Should().BeGreaterThan(done);
    });

    /// <summary>Whatever happens to the connections before and after, in whatever order.</summary>
    [Fact]
    public void Whatever_happens_to_the_connections_switched_off_everything_ends_within_ten_seconds() =>
        Gen.Select(Gen.Select(Gen.Enum<Trouble>(), Gen.Int[0, 40]).Array[0, 8], Gen.Int[0, 8]).Sample(
            (troubles, offAfter) => VirtualLoop.Run(async loop =>
            {
                await using var switched = await Switched.ActingAsync(loop);
                TimeSpan? off = null;
                for (var i = 0; i <= troubles.Length; i++)
                {
                    if (i == Math.Min(offAfter, troubles.Length))
                    {
                        await switched.OffAsync();
                        off = switched.World.Now;
                    }

                    if (i < troubles.Length)
                    {
                        switched.Make(troubles[i].Item1);
                        await switched.RunAsync(TimeSpan.FromSeconds(troubles[i].Item2));
                    }
                }

                switched.Make(Trouble.Back);
                await switched.RunAsync(TimeSpan.FromMinutes(2));
                var heard = off > switched.ReachableSince ? off.Value : switched.ReachableSince;
                switched.World.Done[^1].At.Should().BeLessThanOrEqualTo(heard + Bound);
            }),
            iter: 40);

    /// <summary>An answer that breaks off may have brought the word before it did.</summary>
    private static async Task OutageAsync(Switched switched, TimeSpan length, FakeFault fault, bool mayBeHeard = false)
    {
        switched.Server.Faults = _ => fault;
        switched.Server.DropWatches();
        await switched.RunAsync(length / 2);
        await switched.OffAsync();
        await switched.RunAsync(length / 2);
        if (!mayBeHeard)
        {
            switched.World.Done[^1].At.Should().BeGreaterThan(switched.World.Now - TimeSpan.FromSeconds(10), "what cannot be heard is not known");
        }

        switched.Server.Faults = static _ => null;
    }

    private enum Trouble
    {
        Drop,
        End,
        Cut,
        Garble,
        Expire,
        Away,
        Fails,
        Throttles,
        Back,
    }

    /// <summary>A node whose agent acts every second or two, and its API server.</summary>
    private sealed class Switched : IAsyncDisposable
    {
        private const string Scheme =
            """
            {"mode":"Enforce","action":{"type":"Pageout"},"target":{"podSelector":{},"all":true},"quota":{"size":"8Mi","interval":"1s"},"applyInterval":"1s",
            "monitoring":{"sampleInterval":"100ms","aggregationInterval":"1s"},"pattern":{"accessRate":{"max":"0%"},"age":{"min":"0s"} } }
            """;

        private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

        private readonly VirtualLoop _loop;
        private readonly CancellationTokenSource _stop = new();
        private readonly ClusterFeed _feed;
        private Task _hearing = Task.CompletedTask;
        private bool _isAway;

        private Switched(VirtualLoop loop)
        {
            _loop = loop;
            World = new LoopWorld(clock: loop);
            Server = new FakeApiServer(loop, FakeKind.DamonNodes, FakeKind.DamonClusterConfigs, FakeKind.Namespaces, FakeKind.Nodes, FakeKind.Pods, FakeKind.Events);
            _feed = new ClusterFeed(ClusterBench.ClientOf(Server, loop), ClusterBench.NodeName, World.Inbox, loop, seed: 1);
        }

        public LoopWorld World { get; }

        public FakeApiServer Server { get; }

        /// <summary>Since when the server has answered.</summary>
        public TimeSpan ReachableSince { get; private set; }

        public string PlannedMode => (string)Server.Objects(FakeKind.DamonNodes).Single()["spec"]!["mode"]!;

        public static async Task<Switched> ActingAsync(VirtualLoop loop)
        {
            var switched = new Switched(loop);
            switched.PutConfig("Enforce");
            switched.Server.Put(FakeKind.DamonNodes, Encoding.UTF8.GetString(PlanDocuments.Node("Enforce", PlanDocuments.Scheme("cold", Scheme))));
            switched.Server.Put(FakeKind.Namespaces, """{"metadata":{"name":"shop"} }""");
            foreach (var number in Enumerable.Range(0, 3))
            {
                switched.Server.Restore(FakeKind.Pods, PodDocuments.Of(PodRecords.Of(switched.World.AddPod()) with { Name = $"pod-{number}" }, ClusterBench.NodeName));
            }

            switched._hearing = switched._feed.RunAsync(switched._stop.Token);
            switched.World.Loop.Start();
            await switched.RunAsync(TimeSpan.FromSeconds(30));
            var done = switched.World.Done;
            done.Should().NotBeEmpty();
            done.Zip(done.Skip(1), (one, next) => next.At - one.At).Max().Should().BeLessThan(TimeSpan.FromSeconds(3), "it acts all the time, so that an end can be seen");
            return switched;
        }

        public void PutConfig(string mode, string more = "") =>
            Server.Put(FakeKind.DamonClusterConfigs, Encoding.UTF8.GetString(PlanDocuments.Config($$$"""{"mode":"{{{mode}}}","safety":{"startGrace":"0s"}{{{more}}}}""")));

        public Task OffAsync(string more = "", Action<FakeApiServer>? before = null)
        {
            before?.Invoke(Server);
            PutConfig("Off", more);
            return Task.CompletedTask;
        }

        public void Make(Trouble trouble)
        {
            Action<FakeApiServer> make = trouble switch
            {
                Trouble.Drop => static server => server.DropWatches(),
                Trouble.End => static server => server.EndWatches(),
                Trouble.Cut => static server => server.CutWatches(),
                Trouble.Garble => static server => server.GarbleWatches(),
                Trouble.Expire => static server =>
                {
                    server.Compact();
                    server.ExpireWatches();
                }
                ,
                Trouble.Back => static server => server.Faults = static _ => null,
                _ => server =>
                {
                    server.Faults = _ => FaultOf(trouble);
                    server.DropWatches();
                }
                ,
            };
            ReachableSince = trouble == Trouble.Back && _isAway ? World.Now : ReachableSince;
            _isAway = trouble is Trouble.Away or Trouble.Fails or Trouble.Throttles || (_isAway && trouble != Trouble.Back);
            make(Server);
        }

        /// <summary>Lets time pass, in which the loop takes its turns. In the product the inbox wakes it; here it looks often.</summary>
        public async Task RunAsync(TimeSpan span)
        {
            for (var until = World.Now + span; World.Now < until;)
            {
                var wait = World.Loop.Turn();
                var left = until - World.Now;
                wait = wait < Look ? wait : Look;
                await _loop.Pass(wait <= TimeSpan.Zero ? TimeSpan.FromMilliseconds(1) : wait < left ? wait : left);
            }
        }

        public async ValueTask DisposeAsync()
        {
            // Not CancelAsync, which goes on on another thread than the loop's.
            _stop.Cancel();
            await _hearing;
            World.Dispose();
            Server.Dispose();
            _stop.Dispose();
        }

        private static FakeFault FaultOf(Trouble trouble) => trouble switch
        {
            Trouble.Away => FakeFault.Unreachable,
            Trouble.Fails => FakeFault.Answers(503, "ServiceUnavailable"),
            _ => FakeFault.Answers(429, "TooManyRequests", TimeSpan.FromSeconds(45)),
        };
    }
}
