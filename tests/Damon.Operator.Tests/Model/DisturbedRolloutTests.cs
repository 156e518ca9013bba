using CsCheck;
using Damon.Api.Nodes;
using Damon.Operator.Rollouts;
using Damon.Operator.Statuses;
using Damon.Operator.Tests.Simulation;

namespace Damon.Operator.Tests.Model;

public class DisturbedRolloutTests
{
    private const int NodeCount = 20;
    private const int MostUnderWay = 2;

    // What happens, and to whom. Small steps of the operator are most of it, so that a restart falls between any two of them.
    private static readonly Gen<(int Kind, int Which)[]> Happenings = Gen.Select(Gen.Int[0, 29], Gen.Int[0, 999]).Array[40, 160];

    [Fact]
    public void However_nodes_come_go_fall_ill_and_the_operator_dies_the_end_is_that_of_an_undisturbed_run()
    {
        Gen.Select(Happenings, Gen.Bool, Gen.Int[0, 3]).Sample(
            (happenings, reverts, last) =>
            {
                var onHalt = reverts ? "\"onHalt\":\"Revert\"" : "\"onHalt\":\"Pause\"";
                var run = new SimulatedRun(NodeCount);
                var watch = new UnderWayWatch(run.Cluster, MostUnderWay);
                run.Cluster.PutScheme("a", Version(0, onHalt));
                run.Cluster.PutScheme("b", SimulatedRun.Spec("\"priority\":200", "\"mode\":\"Observe\""));
                var world = new Disturbances(run, onHalt);
                foreach (var (kind, which) in happenings)
                    world.Happen(kind, which);
                world.End(Version(last, onHalt));
                watch.Violations.Should().BeEmpty();

                var undisturbed = new SimulatedRun(NodeCount);
                undisturbed.Cluster.PutScheme("a", Version(last, onHalt));
                undisturbed.Cluster.PutScheme("b", SimulatedRun.Spec("\"priority\":200", "\"mode\":\"Observe\""));
                undisturbed.Pass(TimeSpan.FromHours(2));
                undisturbed.Status().Rollout!.Phase.Should().Be(RolloutPhase.Done);
                run.FinalState().Should().Be(undisturbed.FinalState());
            });
    }

    [Fact]
    public void An_operator_that_is_killed_before_or_after_every_write_loses_nothing()
    {
        var undisturbed = new SimulatedRun(NodeCount);
        undisturbed.Cluster.PutScheme("a", Version(0));
        undisturbed.Pass(TimeSpan.FromHours(2));
        var expected = undisturbed.FinalState();
        var writes = undisturbed.Cluster.NodeWrites;

        var run = new SimulatedRun(NodeCount);
        var watch = new UnderWayWatch(run.Cluster, MostUnderWay);
        run.Cluster.PutScheme("a", Version(0));
        var (restarts, written) = (0, -1);
        for (var i = 0; i < 20_000 && run.Status().Rollout?.Phase != RolloutPhase.Done; i++)
        {
            run.Operator.HearAll();
            if (run.Operator.IsBusy)
                run.Operator.Work(0);
            else if (run.Cluster.Names(SimulatedCluster.DamonNodes).FirstOrDefault(run.Cluster.IsAgentDue) is { } due)
                run.Cluster.StepAgent(due);
            else
                run.Cluster.Advance(TimeSpan.FromSeconds(30));
            var now = run.Cluster.NodeWrites + run.Cluster.StatusWrites;
            if (now != written)
            {
                run.Operator.Restart();
                (restarts, written) = (restarts + 1, now);
            }
            else if (!run.Operator.IsBusy)
            {
                run.Operator.Work(0);
            }
        }

        run.Pass(TimeSpan.FromHours(2));
        restarts.Should().BeGreaterThan(50);
        watch.Violations.Should().BeEmpty();
        run.FinalState().Should().Be(expected);
        run.Cluster.NodeWrites.Should().Be(writes, "a restart makes no write that had been made");
    }

    private static string Version(int number, string onHalt = "\"onHalt\":\"Pause\"") =>
        SimulatedRun.Spec($"\"quota\":{{\"size\":\"{64 + number}Mi\"}}", $"\"rollout\":{{{onHalt},\"canary\":{{\"percent\":\"5%\",\"soak\":\"10m\"}}}}");

    private sealed class Disturbances(SimulatedRun run, string onHalt)
    {
        private readonly HashSet<string> _ill = [];
        private readonly SimulatedCluster _cluster = run.Cluster;
        private int _resumes;

        public void Happen(int kind, int which)
        {
            var node = SimulatedRun.Name(which % NodeCount);
            _cluster.Health = (name, _, acts) => acts && _ill.Contains(name) ? (NodeSchemeState.Degraded, "BackendLost") : null;
            switch (kind)
            {
                case 0: run.Operator.Restart(); break;
                case 1: _cluster.PutNode(node, isReady: which % 2 == 0); break;
                case 2: _cluster.PutNode(node, isAgentReady: which % 2 == 0); break;
                case 3: _cluster.PutNode(node, hasAgent: which % 2 == 0); break;
                case 4: _cluster.RemoveNode(node); break;
                case 5: _cluster.PutNode(node); break;
                case 6: _cluster.Advance(TimeSpan.FromSeconds(which % 400)); break;
                case 7 when !_ill.Remove(node): _ill.Add(node); break;
                case 8: _cluster.Trip(node, "a"); break;
                case 9: _cluster.RestartAgent(node); break;
                case 10: _cluster.PutScheme("a", Version(which % 3, onHalt)); break;
                case 11: _cluster.PutConfig(which % 4 == 0 ? """{"mode":"Observe"}""" : """{"mode":"Enforce"}"""); break;
                case 12: Resume(); break;
                case 13 when !_cluster.Silent.Remove(node): _cluster.Silent.Add(node); break;
                case 14: run.Settle(); break;
                case < 20: run.Operator.Hear(which); break;
                case < 27: run.Operator.Work(which); break;
                default: Agents(which); break;
            }
        }

        /// <summary>Everybody is well, and everything that was halted is resumed.</summary>
        public void End(string spec)
        {
            _ill.Clear();
            _cluster.Silent.Clear();
            for (var i = 0; i < NodeCount; i++)
                _cluster.PutNode(SimulatedRun.Name(i));
            _cluster.PutConfig("""{"mode":"Enforce"}""");
            _cluster.PutScheme("a", spec);
            for (var i = 0; i < 20; i++)
            {
                run.Pass(TimeSpan.FromHours(2));
                if (run.Status().Rollout!.Phase == RolloutPhase.Done)
                    return;
                Resume();
            }
        }

        private void Resume() => _cluster.Annotate("a", "damon.dev/resume", (++_resumes).ToString());

        private void Agents(int which)
        {
            var due = _cluster.Names(SimulatedCluster.DamonNodes).Where(_cluster.IsAgentDue).ToList();
            for (var i = 0; i < Math.Min(3, due.Count); i++)
                _cluster.StepAgent(due[(which + i) % due.Count]);
        }
    }
}
