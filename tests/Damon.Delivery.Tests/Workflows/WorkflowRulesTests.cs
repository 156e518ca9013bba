using Damon.Testing;
using YamlDotNet.RepresentationModel;

namespace Damon.Delivery.Tests.Workflows;

public class WorkflowRulesTests
{
    private const string Makefile = "build: sdk ## Build\n\techo\ne2e:\n\techo\n";
    private const string Good = "name: x\npermissions: {contents: read}\njobs:\n  a:\n    steps:\n    - uses: a/b@v1.2.3\n    - run: make build && make e2e\n    - run: eng/there\n";

    public static TheoryData<string> Workflows => [.. RepositoryFiles.Names(".github/workflows")];

    [Theory]
    [MemberData(nameof(Workflows))]
    public void Our_workflows_keep_the_rules(string name) =>
        WorkflowRules.Violations(RepositoryFiles.Text($".github/workflows/{name}"), RepositoryFiles.Text("Makefile"), RepositoryEntries.Has).Should().BeEmpty();

    [Theory]
    [MemberData(nameof(Workflows))]
    public void Our_workflows_are_yaml_whose_jobs_wait_for_jobs_that_there_are(string name)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(RepositoryFiles.Text($".github/workflows/{name}")));
        var jobs = (YamlMappingNode)stream.Documents.Single().RootNode["jobs"];
        var names = jobs.Children.Keys.Select(key => ((YamlScalarNode)key).Value).ToList();

        var awaited = jobs.Children.Values.Cast<YamlMappingNode>().Where(job => job.Children.ContainsKey("needs")).SelectMany(job => job["needs"] is YamlSequenceNode many ? many.Children : [job["needs"]])
            .Select(node => ((YamlScalarNode)node).Value);
        awaited.Except(names).Should().BeEmpty();
        jobs.Children.Values.Cast<YamlMappingNode>().Should().OnlyContain(job => job.Children.ContainsKey("timeout-minutes"));
    }

    [Fact]
    public void Continuous_integration_tests_lints_renders_makes_images_and_tries_them_on_a_cluster() =>
        WorkflowRules.Made(RepositoryFiles.Text(".github/workflows/ci.yml")).Should().BeEquivalentTo("test", "lint", "chart", "images", "e2e");

    [Theory]
    [InlineData("make build", "make buidl", "no target")]
    [InlineData("a/b@v1.2.3", "a/b@v1", "not pinned")]
    [InlineData("a/b@v1.2.3", "a/b@main", "not pinned")]
    [InlineData("a/b@v1.2.3", "a/b", "not pinned")]
    [InlineData("eng/there", "eng/elsewhere", "not in the repository")]
    [InlineData("permissions: {contents: read}\n", "", "permissions at its top")]
    [InlineData("name: x", "on: pull_request_target", "foreign code")]
    public void What_breaks_them_is_found(string good, string bad, string violation)
    {
        WorkflowRules.Violations(Good, Makefile, path => path == "eng/there").Should().BeEmpty();
        WorkflowRules.Violations(Good.Replace(good, bad, StringComparison.Ordinal), Makefile, path => path == "eng/there").Should().ContainSingle().Which.Should().Contain(violation);
    }

    [Fact]
    public void An_action_may_be_pinned_by_its_commit() =>
        WorkflowRules.Violations(Good.Replace("v1.2.3", "0123456789abcdef0123456789abcdef01234567", StringComparison.Ordinal), Makefile, _ => true).Should().BeEmpty();
}
