using System.Text.RegularExpressions;
using Damon.Api.Nodes;
using Damon.Kubernetes.Objects;
using Damon.Testing;
using Damon.Testing.ControlPlane.Servers;

namespace Damon.Api.Tests.Crds;

/// <summary>The definitions before a real API server: it takes them, admits what is good, and refuses with our words what is not.</summary>
public sealed class CrdServerTests(RuledServer server) : IClassFixture<RuledServer>
{
    // A spec that breaks one rule, and what the server says. Each message of the definitions stands here at least once.
    private static readonly (string Spec, string Message)[] BrokenSchemes =
    [
        ("{mode: Enforce, target: {podSelector: {matchLabels: {a: b}}}, action: {type: Cold}}", "the mode Enforce needs a limit; give quota.size, quota.time or quota.goals"),
        ("{action: {type: Stat}}", "target selects no pods; give namespaceSelector or podSelector ({} selects all)"),
        ("{mode: Enforce, quota: {size: 1Mi}, target: {podSelector: {}}, action: {type: Cold}}", "target selects every pod and the mode is Enforce; narrow namespaceSelector or podSelector, or say all: true"),
        ("{mode: Enforce, quota: {size: 1Mi}, target: {namespaceSelector: {matchLabels: {}}, all: false}, action: {type: Cold}}", "target selects every pod and the mode is Enforce; narrow namespaceSelector or podSelector, or say all: true"),
        ("{backend: IdlePage, target: {kind: Node}, action: {type: Stat}}", "target.kind Node works with the backend Auto or Kernel only"),
        ("{backend: Referenced, target: {podSelector: {}}, action: {type: HugePage}}", "this action is done by the kernel alone and works with the backend Auto or Kernel only"),
        ("{target: {podSelector: {}}, action: {type: LruPrio}}", "LruPrio and LruDeprio sort the page lists of a whole node and need target.kind Node"),
        ("{target: {kind: Node}, action: {type: Reclaim}}", "this action needs target.kind Pods"),
        ("{target: {podSelector: {}}, action: {type: Stat}, monitoring: {sampleInterval: 200ms}}", "monitoring.sampleInterval is longer than aggregationInterval, whose default is 100ms with the Kernel backend and 10s with the user-space ones; set both"),
        ("{target: {podSelector: {}}, action: {type: Stat}, monitoring: {aggregationInterval: 100ms}}", "monitoring.aggregationInterval is shorter than sampleInterval, whose default is 5ms with the Kernel backend and 500ms with the user-space ones; set both"),
        ("{target: {podSelector: {}}, action: {type: Stat}, monitoring: {aggregationInterval: 2m}}", "monitoring.aggregationInterval is longer than updateInterval; the defaults are 100ms with the Kernel backend, 10s with the user-space ones, and 60s; set both"),
        ("{nodeSelector: {matchExpressions: [{key: a, operator: In}]}, target: {podSelector: {}}, action: {type: Stat}}", "the operators In and NotIn need at least one value"),
        ("{target: {namespaceSelector: {matchExpressions: [{key: a, operator: NotIn, values: []}]}}, action: {type: Stat}}", "the operators In and NotIn need at least one value"),
        ("{target: {podSelector: {matchExpressions: [{key: a, operator: Exists, values: [b]}]}}, action: {type: Stat}}", "the operators Exists and DoesNotExist take no values"),
        ("{target: {kind: Node, podSelector: {}}, action: {type: Stat}}", "namespaceSelector, podSelector, containers and all select pods and do not go with kind Node; leave them out"),
        ("{target: {podSelector: {}}, action: {type: Stat}, applyInterval: 0s}", "must be above zero and at most 720h"),
        ("{target: {podSelector: {}}, action: {type: Stat}, expiresAfter: 721h}", "must be above zero and at most 720h"),
        ("{target: {podSelector: {}}, action: {type: Stat}, rollout: {canary: {soak: 721h}}}", "must be at most 720h"),
        ("{target: {podSelector: {}}, action: {type: Stat}, monitoring: {regions: {min: 2000}}}", "min is above max, whose defaults are 10 and 1000; write a min of at most max"),
        ("{target: {podSelector: {}}, action: {type: Stat}, monitoring: {autoTune: {minSampleInterval: 11s}}}", "minSampleInterval is longer than maxSampleInterval, whose defaults are 5ms and 10s; write a minSampleInterval of at most maxSampleInterval"),
        ("{target: {podSelector: {}}, action: {type: Stat}, pattern: {size: {min: 1Gi, max: 512Mi}}}", "min is above max"),
        ("{target: {podSelector: {}}, action: {type: Stat}, pattern: {size: {min: 2, max: 1}}}", "min is above max"),
        ("{target: {podSelector: {}}, action: {type: Stat}, pattern: {accessRate: {min: 10%, max: 9%}}}", "min is above max"),
        ("{target: {podSelector: {}}, action: {type: Stat}, pattern: {age: {min: 2m, max: 119s}}}", "min is above max"),
        ("{target: {podSelector: {}}, action: {type: Stat}, pattern: {size: {min: 100m}}}", "must be a whole number of bytes below 8Ei"),
        ("{target: {podSelector: {}}, action: {type: Stat}, pattern: {size: {min: 99999999999999999Pi}}}", "must be a whole number of bytes below 8Ei"),
        ("{target: {podSelector: {}}, action: {type: Stat}, quota: {size: 0}}", "must be a whole number of bytes above zero and below 8Ei"),
        ("{target: {podSelector: {}}, action: {type: MigrateCold}}", "the actions MigrateHot and MigrateCold need at least one destination"),
        ("{target: {podSelector: {}}, action: {type: Cold, destinations: [{node: 1}]}}", "this action moves nothing; leave the destinations out"),
        ("{target: {podSelector: {}}, action: {type: MigrateCold, destinations: [{node: 1, tier: Slow}]}}", "write exactly one of node and tier"),
        ("{target: {podSelector: {}}, action: {type: MigrateCold, destinations: [{weight: 1}]}}", "write exactly one of node and tier"),
        ("{target: {podSelector: {}}, action: {type: Stat}, quota: {goals: [{metric: NodeMemoryFree, target: 5%}]}}", "this metric is of one memory node; give its number as node"),
        ("{target: {podSelector: {}}, action: {type: Stat}, quota: {goals: [{metric: ActiveMemory, target: 5%, node: 0}]}}", "this metric is not of one memory node; leave node out"),
        ("{target: {podSelector: {}}, action: {type: Stat}, quota: {goals: [{metric: UserInput, target: 5%}]}}", "the target of UserInput is a whole number above zero"),
        ("{target: {podSelector: {}}, action: {type: Stat}, quota: {goals: [{metric: SomeMemoryPressure, target: 5%}]}}", "the target of SomeMemoryPressure is a duration such as 500us"),
        ("{target: {podSelector: {}}, action: {type: Stat}, quota: {goals: [{metric: SomeMemoryPressure, target: 0s}]}}", "a duration as a target must be above zero and at most 720h"),
        ("{target: {podSelector: {}}, action: {type: Stat}, quota: {goals: [{metric: ActiveMemory, target: 5s}]}}", "the target of this metric is a percent such as \"5%\""),
        ("{target: {podSelector: {}}, action: {type: Stat}, watermarks: {metric: FreeMemory, high: 5%}}", "interval, high, mid and low must be given"),
        ("{target: {podSelector: {}}, action: {type: Stat}, watermarks: {metric: FreeMemory, interval: 5s, high: 9%, mid: 10%, low: 5%}}", "mid is above high; write high ≥ mid ≥ low"),
        ("{target: {podSelector: {}}, action: {type: Stat}, watermarks: {metric: FreeMemory, interval: 5s, high: 50%, mid: 9%, low: 10%}}", "low is above mid; write high ≥ mid ≥ low"),
        ("{target: {podSelector: {}}, action: {type: Stat}, filters: [{type: HugePageSize, matching: true, allow: true}]}", "the filter HugePageSize needs min, max or both"),
        ("{target: {podSelector: {}}, action: {type: Stat}, filters: [{type: Young, matching: true, allow: true, min: 1}]}", "min and max go with the filter HugePageSize only"),
        ("{target: {podSelector: {}}, action: {type: Stat}, rollout: {steps: [50%, 25%, 100%]}}", "write ascending steps"),
        ("{target: {podSelector: {}}, action: {type: Stat}, rollout: {steps: [50%, 50%, 100%]}}", "write ascending steps"),
        ("{target: {podSelector: {}}, action: {type: Stat}, rollout: {steps: [50%]}}", "the last step must be 100%"),
    ];

    // Corpus files that are wrong for a reader of files alone: an API server never sees how they were written, or prunes the field.
    private static readonly string[] WrongOnlyAsFiles =
    [
        "alias.yaml", "anchor.yaml", "directive.yaml", "leading-zero.yaml", "merge-key.yaml", "no-value.yaml", "not-utf8.yaml", "safety-field.yaml", "same-name-twice.yaml", "tag.yaml",
        "two-documents.yaml", "server-fields.yaml",
    ];

    [Fact]
    public async Task What_the_reader_admits_the_server_admits()
    {
        await Install();
        string[] folders = ["deploy/samples", "tests/Damon.Api.Tests/Corpus/Good"];
        foreach (var file in folders.SelectMany(folder => RepositoryFiles.Names(folder).Select(name => $"{folder}/{name}")))
        {
            foreach (var document in Regex.Split(RepositoryFiles.Text(file), "^---\r?$", RegexOptions.Multiline, TimeSpan.FromSeconds(1)).Where(text => text.Contains("kind:", StringComparison.Ordinal) || text.Contains("\"kind\"", StringComparison.Ordinal)))
            {
                var name = Regex.Match(document, "name\"?: *\"?(?<name>[a-z0-9.-]+)", RegexOptions.None, TimeSpan.FromSeconds(1)).Groups["name"].Value;
                var (isOk, answer) = await server.Apply(DamonKinds.Schemes, name, document.Replace("\r\n", "\n", StringComparison.Ordinal));
                isOk.Should().BeTrue($"{file}: {answer}");
            }
        }
    }

    [Fact]
    public async Task What_the_reader_refuses_the_server_refuses()
    {
        await Install();
        const string Folder = "tests/Damon.Api.Tests/Corpus/Broken";
        foreach (var name in RepositoryFiles.Names(Folder, except: ".expected").Except(WrongOnlyAsFiles))
        {
            var (isOk, _) = await server.Apply(DamonKinds.Schemes, "x", RepositoryFiles.Text($"{Folder}/{name}"));
            isOk.Should().BeFalse(name);

            // Refused for its content, not for the name in the address.
            if (RepositoryFiles.Text($"{Folder}/{name}").Contains("metadata: {name: ", StringComparison.Ordinal) && name != "bad-name.yaml")
            {
                var own = Regex.Match(RepositoryFiles.Text($"{Folder}/{name}"), "metadata: \\{name: (?<name>[a-z0-9.-]+)", RegexOptions.None, TimeSpan.FromSeconds(1)).Groups["name"].Value;
                if (own.Length > 0)
                    (await server.Apply(DamonKinds.Schemes, own, RepositoryFiles.Text($"{Folder}/{name}"))).IsOk.Should().BeFalse(name);
            }
        }
    }

    [Fact]
    public async Task Every_rule_refuses_with_its_message()
    {
        await Install();
        foreach (var (spec, message) in BrokenSchemes)
        {
            var (isOk, answer) = await server.Apply(DamonKinds.Schemes, "x", $"apiVersion: damon.dev/v1alpha1\nkind: DamonScheme\nmetadata: {{name: x}}\nspec: {spec}\n");
            isOk.Should().BeFalse(spec);
            answer.Should().Contain(message, spec);
        }
    }

    [Fact]
    public void Every_message_of_the_definition_has_a_case()
    {
        var messages = Regex.Matches(RepositoryFiles.Text("deploy/crds/damonschemes.yaml"), @"\bmessage: (?:>-\n\s+)?(?<text>'[^']+'|""[^""]+""|[^\n}]+(?:\{\}[^\n}]*)?)", RegexOptions.None, TimeSpan.FromSeconds(1))
            .Select(match => match.Groups["text"].Value.Trim('\'', '"', ' ')).Where(text => !text.StartsWith("{type", StringComparison.Ordinal)).Distinct(StringComparer.Ordinal).ToList();
        messages.Should().HaveCountGreaterThan(30);
        messages.Should()
            .OnlyContain(message => BrokenSchemes.Any(broken => broken.Message.StartsWith(message, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task There_is_one_configuration_and_a_plan_that_names_a_scheme_twice_is_for_the_agent_to_refuse()
    {
        await Install();
        (await Config("cluster", "{}")).IsOk.Should().BeTrue();
        (await Config("cluster", "{mode: \"Off\"}")).IsOk.Should().BeTrue();
        (await Config("other", "{}")).Answer.Should().Contain("there is one, and its name is cluster");
        (await Config("cluster", "{ceilings: {reclaimPerNode: 0}}")).Answer.Should().Contain("must be a whole number of bytes above zero and below 8Ei");

        var scheme = new PlanEntry("a", """{"future":1}""").Json;
        var (isOk, answer) = await Node($"{{mode: Enforce, schemes: [{scheme}]}}");
        isOk.Should().BeTrue(answer);
        answer.Should().Contain("{\\\"future\\\":1}", "what an older server does not know reaches the agent, which must see it");

        // A rule that compares all pairs was the dearest part of every write to the server, of statuses too.
        var (isTaken, twice) = await Node($"{{mode: Enforce, schemes: [{scheme}, {scheme}]}}");
        isTaken.Should().BeTrue(twice);
        DamonNodeReader.Read("answer.json", System.Text.Encoding.UTF8.GetBytes(twice)).Errors.Should().Contain(error => error.Message.Contains("the scheme \"a\" stands twice"));

        Task<(bool IsOk, string Answer)> Config(string name, string spec) =>
            server.Apply(DamonKinds.Configs, name, $"apiVersion: damon.dev/v1alpha1\nkind: DamonClusterConfig\nmetadata: {{name: {name}}}\nspec: {spec}\n");
        Task<(bool IsOk, string Answer)> Node(string spec) =>
            server.Apply(DamonKinds.Nodes, "n1", $"apiVersion: damon.dev/v1alpha1\nkind: DamonNode\nmetadata: {{name: n1}}\nspec: {spec}\n");
    }

    private async Task Install()
    {
        Assert.SkipWhen(server.WhyNot.Length > 0, server.WhyNot);
        foreach (var kind in DamonKinds.All)
        {
            var (isOk, answer) = await server.Apply(DamonKinds.Definitions, $"{kind.Plural}.{kind.Group}", RepositoryFiles.Text($"deploy/crds/{kind.Plural}.yaml"));
            isOk.Should().BeTrue($"{kind}: {answer}");
            await server.UntilServed(kind);
        }
    }
}
