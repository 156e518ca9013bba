using System.Text;
using System.Text.Json;
using Damon.Chart.Tests.Rendering;
using Damon.Kubernetes.Objects;
using Damon.Testing.ControlPlane.Servers;

namespace Damon.Chart.Tests.Servers;

/// <summary>A real API server takes everything that the chart renders, and grants what it says.</summary>
public class AcceptanceTests
{
    private static readonly ResourceKind Reviews = new("authorization.k8s.io", "v1", "subjectaccessreviews", "SubjectAccessReview", IsNamespaced: false);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Everything_is_taken()
    {
        // Rendered first: where nothing renders, no server is needed to say so.
        var charts = ChartCases.All.Select(one => (one.Name, Namespace: $"case-{one.Name}", Chart: ChartProgram.Render([.. one.Flags, "--namespace", $"case-{one.Name}"]))).ToList();
        await using var server = await ChartServer.StartAsync();
        HashSet<string> skipped = [];
        foreach (var (name, ns, chart) in charts)
        {
            var (refused, left) = await server.ApplyAsync(chart, ns);
            refused.Should().BeEmpty("the server takes all of {0}", name);
            skipped.UnionWith(left);
        }

        TestContext.Current.SendDiagnosticMessage("Not given to Kubernetes 1.{0}: {1}", server.Minor, string.Join(", ", skipped));
        if (server.Minor >= 30)
            skipped.Should().BeEquivalentTo("ServiceMonitor", "PodMonitor", "PrometheusRule");
    }

    [Fact]
    public async Task Accounts_may_do_what_their_roles_say_and_nothing_else()
    {
        var chart = ChartCases.Render("default");
        await using var server = await ChartServer.StartAsync();
        (await server.ApplyAsync(chart, ChartProgram.Namespace)).Refused.Should().BeEmpty();
        foreach (var (account, verb, group, resource, name, ns, isAllowed) in (ValueTuple<string, string, string, string, string, string, bool>[])
        [
            ("damon-agent", "patch", "damon.dev", "damonnodes/status", "n1", "", true),
            ("damon-agent", "list", "", "pods", "", "", true),
            ("damon-agent", "create", "events.k8s.io", "events", "", "team", true),
            ("damon-agent", "patch", "damon.dev", "damonnodes", "n1", "", false),
            ("damon-agent", "update", "damon.dev", "damonnodes/status", "n1", "", false),
            ("damon-agent", "delete", "damon.dev", "damonnodes", "n1", "", false),
            ("damon-agent", "create", "damon.dev", "damonnodes", "", "", false),
            ("damon-agent", "patch", "damon.dev", "damonschemes", "s", "", false),
            ("damon-agent", "list", "damon.dev", "damonschemes", "", "", false),
            ("damon-agent", "patch", "damon.dev", "damonclusterconfigs", "cluster", "", false),
            ("damon-agent", "patch", "", "nodes", "n1", "", false),
            ("damon-agent", "delete", "", "pods", "p", "team", false),
            ("damon-agent", "list", "", "secrets", "", "", false),
            ("damon-agent", "get", "", "secrets", "damon-metrics", ChartProgram.Namespace, false),
            ("damon-agent", "create", "", "serviceaccounts/token", "damon-agent", ChartProgram.Namespace, false),
            ("damon-operator", "patch", "damon.dev", "damonschemes", "s", "", true),
            ("damon-operator", "create", "damon.dev", "damonnodes", "", "", true),
            ("damon-operator", "list", "", "pods", "", ChartProgram.Namespace, true),
            ("damon-operator", "list", "", "pods", "", "kube-system", false),
            ("damon-operator", "delete", "damon.dev", "damonschemes", "s", "", false),
            ("damon-operator", "patch", "damon.dev", "damonnodes/status", "n1", "", false),
            ("damon-operator", "list", "", "secrets", "", ChartProgram.Namespace, false),
            ("damon-uninstall", "patch", "damon.dev", "damonschemes", "s", "", true),
            ("damon-uninstall", "delete", "damon.dev", "damonschemes", "s", "", false),
            ("damon-check", "get", "coordination.k8s.io", "leases", "damon-operator", ChartProgram.Namespace, true),
            ("damon-check", "update", "coordination.k8s.io", "leases", "damon-operator", ChartProgram.Namespace, false),
        ])
        {
            (await MayAsync(server, account, verb, group, resource, name, ns)).Should().Be(isAllowed, "{0} {1} {2}.{3} {4} in '{5}'", account, verb, resource, group, name, ns);
        }
    }

    private static async Task<bool> MayAsync(ChartServer server, string account, string verb, string group, string resource, string name, string ns)
    {
        string[] parts = resource.Split('/', 2);
        var user = TestUser.ServiceAccount(ChartProgram.Namespace, account);
        var body = JsonSerializer.Serialize(new
        {
            apiVersion = "authorization.k8s.io/v1",
            kind = "SubjectAccessReview",
            spec = new { user = user.Name, groups = user.Groups, resourceAttributes = new { verb, group, resource = parts[0], subresource = parts.ElementAtOrDefault(1) ?? "", name, @namespace = ns } },
        });
        var answer = await server.Client.CreateAsync(Reviews, "", Encoding.UTF8.GetBytes(body), Cancellation);
        using var review = JsonDocument.Parse(answer.Value);
        return review.RootElement.GetProperty("status").GetProperty("allowed").GetBoolean();
    }
}
