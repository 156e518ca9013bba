namespace Damon.Chart.Tests.Rendering;

/// <summary>The matrix of values that everything is tried with.</summary>
internal static class ChartCases
{
    public static readonly (string Name, string[] Flags)[] All =
    [
        ("default", []),
        ("minimal", ["--set", "agent.securityProfile=minimal"]),
        ("privileged", ["--set", "agent.securityProfile=privileged"]),
        ("idle-page", ["--set", "agent.backends.idlePage=true,agent.seccomp.type=Localhost"]),
        ("kind", ["--set", "agent.backends.kernel=false,agent.backends.idlePage=true,agent.backends.referenced=true,agent.hostPaths.proc=/hostproc,agent.cgroupRoot=/kubelet/kubepods,networkPolicy.enabled=false"]),
        ("monitoring", ["--set", "monitors.enabled=true,prometheusRule.enabled=true,dashboards.enabled=true,monitors.labels.release=prometheus,dashboards.annotations.grafana_folder=Memory"]),
        (
            "everything",
            [
                "--set", "commonLabels.team=memory,image.tag=1.2.3,image.pullSecrets[0].name=registry,operator.replicas=3,operator.clusterMode=Enforce,operator.clusterConfig.protectedNamespaces={kube-system,vault}",
                "--set", "operator.image.digest=sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef,operator.podLabels.a=b,operator.podAnnotations.c=d,operator.tolerations[0].operator=Exists",
                "--set", "agent.exclusiveModules=true,agent.cpuCeiling=2%,agent.podSeries=20,agent.appArmorProfile.type=Unconfined,agent.seLinuxOptions.type=spc_t,agent.maxUnavailable=3",
                "--set", "agent.podLabels.a=b,agent.podAnnotations.c=d,metrics.existingSecret=mine,metrics.existingSecretKey=bearer,metrics.operatorPort=10001,metrics.agentPort=10002,metrics.address=[::]",
                "--set", "networkPolicy.metricsFrom[0].namespaceSelector.matchLabels.a=b,networkPolicy.apiServer.cidrs={10.0.0.1/32},networkPolicy.apiServer.ports={6443}",
                "--set", "monitors.enabled=true,prometheusRule.enabled=true,dashboards.enabled=true,uninstall.timeout=30s,test.timeout=5m",
            ]
        ),
        (
            "lean",
            [
                "--set", "crds.enabled=false,admissionPolicy.enabled=false,networkPolicy.enabled=false,uninstall.enabled=false,operator.podDisruptionBudget.enabled=false,operator.replicas=1",
                "--set", "operator.priorityClassName=,agent.priorityClassName=,agent.tolerations=null,agent.nodeSelector=null",
            ]
        ),
        ("crds-go", ["--set", "crds.keep=false"]),
    ];

    public static TheoryData<string> Names => new(All.Select(one => one.Name));

    public static RenderedChart Render(string name) => ChartProgram.Render(All.Single(one => one.Name == name).Flags);
}
