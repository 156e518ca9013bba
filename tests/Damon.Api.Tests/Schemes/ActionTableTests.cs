using Damon.Api.Schemes;

namespace Damon.Api.Tests.Schemes;

public class ActionTableTests
{
    // One line for each action: Pods with Auto, Kernel, IdlePage, Referenced; Node with the same. x is accepted.
    private static readonly (ActionType Action, string Pods, string Node)[] Table =
    [
        (ActionType.Stat,        "xxxx", "xx.."),
        (ActionType.Pageout,     "xxxx", "xx.."),
        (ActionType.Cold,        "xxxx", "xx.."),
        (ActionType.WillNeed,    "xxxx", "...."),
        (ActionType.Collapse,    "xxxx", "...."),
        (ActionType.HugePage,    "xx..", "...."),
        (ActionType.NoHugePage,  "xx..", "...."),
        (ActionType.LruPrio,     "....", "xx.."),
        (ActionType.LruDeprio,   "....", "xx.."),
        (ActionType.MigrateHot,  "xxxx", "xx.."),
        (ActionType.MigrateCold, "xxxx", "xx.."),
        (ActionType.Reclaim,     "xxxx", "...."),
    ];

    [Fact]
    public void An_action_is_accepted_exactly_where_it_can_work()
    {
        foreach (var (action, pods, node) in Table)
        {
            var backends = Enum.GetValues<BackendKind>();
            Row(action, "{podSelector: {}}", backends).Should().Be(pods, $"{action} for pods");
            Row(action, "{kind: Node}", backends).Should().Be(node, $"{action} for nodes");
        }
    }

    [Fact]
    public void Every_action_is_in_the_table() => Table.Select(row => row.Action).Should().Equal(Enum.GetValues<ActionType>());

    private static string Row(ActionType action, string target, BackendKind[] backends) => string.Concat(backends.Select(backend =>
    {
        var destinations = action is ActionType.MigrateHot or ActionType.MigrateCold ? ", destinations: [{tier: Slow}]" : "";
        var text = $"apiVersion: damon.dev/v1alpha1\nkind: DamonScheme\nmetadata: {{name: x}}\nspec:\n  backend: {backend}\n  target: {target}\n  action: {{type: {action}{destinations}}}\n";
        return DamonSchemeReader.Read("x.yaml", text).Errors.Count == 0 ? 'x' : '.';
    }));
}
