using Damon.Chart.Tests.Rendering;
using Damon.Testing;
using YamlDotNet.RepresentationModel;

namespace Damon.Chart.Tests;

/// <summary>What the agent may do to its node is what docs/privileges.md says, by profile and by what it senses with.</summary>
public class AgentRightsTests
{
    [Theory]
    [InlineData("minimal", false, false, "SYS_PTRACE DAC_READ_SEARCH")]
    [InlineData("minimal", true, false, "SYS_PTRACE DAC_READ_SEARCH SYS_ADMIN")]
    [InlineData("minimal", false, true, "SYS_PTRACE DAC_READ_SEARCH DAC_OVERRIDE")]
    [InlineData("standard", false, false, "SYS_PTRACE DAC_READ_SEARCH SYS_NICE FOWNER")]
    [InlineData("standard", true, false, "SYS_PTRACE DAC_READ_SEARCH SYS_NICE FOWNER SYS_ADMIN")]
    [InlineData("standard", true, true, "SYS_PTRACE DAC_READ_SEARCH SYS_NICE FOWNER SYS_ADMIN DAC_OVERRIDE")]
    public void Capabilities_are_those_of_the_profile_and_no_more(string profile, bool idlePage, bool referenced, string capabilities)
    {
        var agent = Agent($"agent.securityProfile={profile},agent.backends.idlePage={Word(idlePage)},agent.backends.referenced={Word(referenced)}");
        RenderedObject.Texts(agent, "securityContext", "capabilities", "add").Should().Equal(capabilities.Split(' '));
        RenderedObject.Texts(agent, "securityContext", "capabilities", "drop").Should().Equal("ALL");
        Says(agent, "securityContext", "allowPrivilegeEscalation").Should().Be("false");
        Says(agent, "securityContext", "privileged").Should().BeEmpty();
    }

    [Fact]
    public void Only_the_profile_of_that_name_is_privileged()
    {
        var agent = Agent("agent.securityProfile=privileged");
        Says(agent, "securityContext", "privileged").Should().Be("true");
        // The server refuses each of these beside it, or they mean nothing.
        RenderedObject.Below(agent, "securityContext", "capabilities").Should().BeNull();
        RenderedObject.Below(agent, "securityContext", "allowPrivilegeEscalation").Should().BeNull();
        RenderedObject.Below(agent, "securityContext", "seccompProfile").Should().BeNull();
    }

    [Theory]
    //          profile       referenced  modules  writable
    [InlineData("minimal", false, false, "/host/sys/kernel/mm /host/run/damon /var/lib/damon")]
    [InlineData("standard", false, false, "/host/sys/kernel/mm /host/sys/fs/cgroup /host/run/damon /var/lib/damon")]
    [InlineData("standard", true, false, "/host/proc /host/sys/kernel/mm /host/sys/fs/cgroup /host/run/damon /var/lib/damon")]
    [InlineData("standard", false, true, "/host/sys/kernel/mm /host/sys/fs/cgroup /host/sys/module /host/run/damon /var/lib/damon")]
    [InlineData("privileged", false, false, "/host/sys/kernel/mm /host/sys/fs/cgroup /host/run/damon /var/lib/damon")]
    public void Nothing_else_is_writable(string profile, bool referenced, bool modules, string writable)
    {
        var agent = Agent($"agent.securityProfile={profile},agent.backends.referenced={Word(referenced)},agent.exclusiveModules={Word(modules)}");
        Mounts(agent).Where(mount => !mount.IsReadOnly).Select(mount => mount.Path).Should().Equal(writable.Split(' '));
        Mounts(agent).Where(mount => mount.IsReadOnly).Select(mount => mount.Path).Should().BeSubsetOf(["/host/proc", "/host/sys", "/host/sys/fs/cgroup", "/etc/damon/metrics"]);
        Says(agent, "securityContext", "readOnlyRootFilesystem").Should().Be("true");
    }

    [Fact]
    public void The_sample_in_the_documentation_is_what_standard_gives_where_the_idle_page_bitmap_is_used()
    {
        var sample = Sample();
        var chart = ChartProgram.Render("--set", "agent.backends.idlePage=true,agent.seccomp.type=Localhost");
        var documented = (YamlMappingNode)RenderedObject.Below(sample, "containers", "0")!;
        CanonicalYaml.Of(RenderedObject.Below(chart.Agent, "securityContext")).Should().Be(CanonicalYaml.Of(RenderedObject.Below(documented, "securityContext")));
        RenderedObject.Texts(chart.Agent, "args").Should().Contain(RenderedObject.Texts(documented, "args"));
        Mounts(chart.Agent).Where(mount => mount.Path != "/etc/damon/metrics").Should().Equal(Mounts(documented));
        var volumes = Lines(chart["DaemonSet", "damon-agent"].At("spec", "template", "spec", "volumes")!);
        volumes.Where(volume => !volume.Contains("metrics-token")).Should().Equal(Lines(RenderedObject.Below(sample, "volumes")!));
        chart["DaemonSet", "damon-agent"].TextAt("spec", "template", "spec", "hostPID").Should().Be("true");
    }

    [Theory]
    [InlineData("RuntimeDefault", "")]
    [InlineData("Localhost", "damon-agent.json")]
    [InlineData("Unconfined", "")]
    public void System_calls_are_held_as_the_value_says(string type, string file)
    {
        var agent = Agent($"agent.seccomp.type={type}");
        Says(agent, "securityContext", "seccompProfile", "type").Should().Be(type);
        Says(agent, "securityContext", "seccompProfile", "localhostProfile").Should().Be(file);
    }

    [Fact]
    public void Every_folder_of_the_host_is_where_the_values_say()
    {
        var chart = ChartProgram.Render(
            "--set", "agent.exclusiveModules=true,agent.hostPaths.proc=/a,agent.hostPaths.sys=/b,agent.hostPaths.mm=/c,agent.hostPaths.cgroup=/d,agent.hostPaths.module=/e,agent.hostPaths.run=/f,agent.hostPaths.state=/g");
        var paths = ((YamlSequenceNode)chart["DaemonSet", "damon-agent"].At("spec", "template", "spec", "volumes")!).Select(volume => RenderedObject.Below(volume, "hostPath", "path")).OfType<YamlScalarNode>();
        paths.Select(path => path.Value).Should().Equal("/a", "/b", "/c", "/d", "/e", "/f", "/g");
    }

    [Theory]
    [MemberData(nameof(ChartCases.Names), MemberType = typeof(ChartCases))]
    public void Whatever_is_not_the_agent_may_do_nothing_to_its_node(string name)
    {
        foreach (var one in ChartCases.Render(name).OfKind("Deployment", "Job"))
        {
            var pod = (YamlMappingNode)one.At("spec", "template", "spec")!;
            Says(pod, "securityContext", "runAsNonRoot").Should().Be("true");
            Says(pod, "securityContext", "seccompProfile", "type").Should().Be("RuntimeDefault");
            Says(pod, "hostPID").Should().BeEmpty();
            Lines(RenderedObject.Below(pod, "volumes") ?? new YamlSequenceNode()).Should().NotContain(volume => volume.Contains("hostPath"));
            var container = (YamlMappingNode)RenderedObject.Below(pod, "containers", "0")!;
            CanonicalYaml.Of(RenderedObject.Below(container, "securityContext"))
                .Should().Be("""{"allowPrivilegeEscalation":<false>,"capabilities":{"drop":["ALL"]},"readOnlyRootFilesystem":<true>}""");
        }
    }

    private static YamlMappingNode Agent(string values) => ChartProgram.Render("--set", values).Agent;

    private static string Word(bool value) => value ? "true" : "false";

    private static string Says(YamlMappingNode from, params ReadOnlySpan<string> path) => (RenderedObject.Below(from, path) as YamlScalarNode)?.Value ?? "";

    private static IReadOnlyList<(string Name, string Path, bool IsReadOnly)> Mounts(YamlMappingNode container) =>
    [
        .. ((YamlSequenceNode)RenderedObject.Below(container, "volumeMounts")!).Cast<YamlMappingNode>().Select(mount => (Says(mount, "name"), Says(mount, "mountPath"), Says(mount, "readOnly") == "true")),
    ];

    private static IReadOnlyList<string> Lines(YamlNode list) => [.. ((YamlSequenceNode)list).Select(CanonicalYaml.Of)];

    /// <summary>The pod in the section "As a container".</summary>
    private static YamlMappingNode Sample()
    {
        var text = RepositoryFiles.Text("docs/privileges.md");
        text = text[text.IndexOf("## As a container", StringComparison.Ordinal)..];
        var from = text.IndexOf("```yaml", StringComparison.Ordinal) + "```yaml".Length;
        var stream = new YamlStream();
        stream.Load(new StringReader(text[from..text.IndexOf("```", from, StringComparison.Ordinal)]));
        return (YamlMappingNode)stream.Documents[0].RootNode;
    }
}
