using Damon.Chart.Tests.Rendering;
using Damon.Testing;
using YamlDotNet.RepresentationModel;

namespace Damon.Chart.Tests;

/// <summary>
/// Rights are those of deploy/rbac, which tests of operator and agent compare with the requests that they make, both ways: every right that is used is granted, and none that is not.
/// </summary>
public class RoleTests
{
    private static readonly string[] Kinds = ["ServiceAccount", "ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"];

    [Theory]
    [MemberData(nameof(ChartCases.Names), MemberType = typeof(ChartCases))]
    public void Every_right_of_the_chart_is_one_of_deploy_rbac_and_the_other_way_round(string name)
    {
        var rendered = ChartCases.Render(name);
        string[] files = [.. RepositoryFiles.Names("deploy/rbac").Where(file => name != "lean" || file != "uninstall.yaml")];
        var expected = files.SelectMany(file => RenderedChart.Parse(RepositoryFiles.Text($"deploy/rbac/{file}")).Objects);
        rendered.OfKind(Kinds).Select(Rights).Should().BeEquivalentTo(expected.Select(Rights));
    }

    [Fact]
    public void In_another_namespace_rights_are_those_of_accounts_in_it()
    {
        // The flag that comes last counts.
        var rendered = ChartProgram.Render("--namespace", "elsewhere");
        foreach (var binding in rendered.OfKind("ClusterRoleBinding", "RoleBinding"))
            ((YamlSequenceNode)binding.At("subjects")!).Should().OnlyContain(subject => ((YamlScalarNode)subject["namespace"]).Value == "elsewhere");
        rendered.Objects.Select(one => one.Namespace).Distinct().Should().BeEquivalentTo("", "elsewhere", "default");
        rendered["ValidatingAdmissionPolicy", "damon-agent-own-node"].Text.Should().Contain("system:serviceaccount:elsewhere:damon-agent");
    }

    [Fact]
    public void Rights_of_an_uninstallation_and_of_a_test_are_there_only_while_they_run()
    {
        foreach (var one in ChartCases.Render("default").Objects.Where(one => one.Name is "damon-uninstall" or "damon-check"))
        {
            one.Hook.Should().Be(one.Name == "damon-check" ? "test" : "pre-delete");
            one.TextAt("metadata", "annotations", "helm.sh/hook-delete-policy").Should().Contain("hook-succeeded");
        }
    }

    [Fact]
    public void Only_hooks_run_jobs() => ChartCases.Render("everything").OfKind("Job").Select(job => (job.Name, job.Hook)).Should().BeEquivalentTo([("damon-check", "test"), ("damon-uninstall", "pre-delete")]);

    /// <summary>Without labels and annotations.</summary>
    private static string Rights(RenderedObject one) =>
        string.Join(' ', one.Kind, one.Name, one.Namespace, CanonicalYaml.Of(one.At("rules")), CanonicalYaml.Of(one.At("roleRef")), CanonicalYaml.Of(one.At("subjects")));
}
