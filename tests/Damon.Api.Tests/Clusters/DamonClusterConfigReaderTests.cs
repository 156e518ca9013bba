using System.Text;
using Damon.Api.Clusters;
using Damon.Api.Manifests;
using Damon.Api.Schemes;

namespace Damon.Api.Tests.Clusters;

public class DamonClusterConfigReaderTests
{
    [Fact]
    public void An_empty_configuration_observes()
    {
        var config = Read("{}").Config!;
        (config.Spec.Mode, config.Spec.AllowedActions, config.Generation).Should().Be((ClusterMode.Observe, null, 4L));
        config.Spec.ProtectedNamespaces.Should().Equal("kube-system");
    }

    [Fact]
    public void Every_field_is_read()
    {
        var spec = Read(
            """{"mode":"Enforce","allowedActions":["Pageout","Stat"],"protectedNamespaces":[],"optIn":true,"nodeTargets":true,"exclusiveModules":["LruSort"],"ceilings":{"agentCpu":"5%","probesPerSecond":1000,"reclaimPerNode":"1Gi"},"safety":{"acceptUnmeasurable":true,"maxPodPriority":0,"startGrace":"0s","apiLossGrace":"10m","pressure":{"calm":"1m"},"refaults":{"trips":1},"floors":{"size":0},"swap":{"minFree":"0%"},"emergency":{"coolDown":"2h"}}}""").Config!.Spec;
        spec.AllowedActions.Should().Equal(ActionType.Pageout, ActionType.Stat);
        spec.ProtectedNamespaces.Should().BeEmpty();
        spec.ExclusiveModules.Should().Equal(KernelModule.LruSort);
        (spec.Mode, spec.OptIn, spec.NodeTargets, spec.Ceilings.ProbesPerSecond, spec.Ceilings.ReclaimPerNode?.Bytes).Should().Be((ClusterMode.Enforce, true, true, 1000, 1UL << 30));
        (spec.Safety.AcceptUnmeasurable, spec.Safety.MaxPodPriority, spec.Safety.ApiLossGrace.ToString(), spec.Safety.Floors.Size.Bytes, spec.Safety.Refaults.Trips).Should().Be((true, 0, "10m", 0UL, 1));
    }

    // The spec; what can still be known of the mode; the kind of the first error.
    [Theory]
    [InlineData("""{"mode":"Off","future":1}""", ClusterMode.Off, ManifestErrorKind.UnknownField)]
    [InlineData("""{"mode":"Off","allowedActions":["Compress"]}""", ClusterMode.Off, ManifestErrorKind.UnknownValue)]
    [InlineData("""{"mode":"Enforce","optIn":"yes"}""", ClusterMode.Enforce, ManifestErrorKind.Invalid)]
    [InlineData("""{"mode":"Enforce","protectedNamespaces":["A_b"]}""", ClusterMode.Enforce, ManifestErrorKind.Invalid)]
    [InlineData("""{"mode":"Enforce","allowedActions":["Stat","Stat"]}""", ClusterMode.Enforce, ManifestErrorKind.Invalid)]
    [InlineData("""{"mode":"Sleep"}""", null, ManifestErrorKind.UnknownValue)]
    [InlineData("""{"mode":false}""", null, ManifestErrorKind.Invalid)]
    public void The_mode_is_known_even_where_the_rest_is_not(string spec, ClusterMode? mode, ManifestErrorKind kind)
    {
        var result = Read(spec);
        result.Config.Should().BeNull();
        result.Mode.Should().Be(mode);
        result.Errors[0].Kind.Should().Be(kind);
    }

    [Fact]
    public void There_is_one_configuration_and_its_name_is_cluster() => Read("{}", "other").Errors.Should().ContainSingle().Which.FieldPath.Should().Be("metadata.name");

    private static DamonClusterConfigReadResult Read(string spec, string name = "cluster") => DamonClusterConfigReader.Read(
        "config.json",
        Encoding.UTF8.GetBytes($$$"""{"apiVersion":"damon.dev/v1alpha1","kind":"DamonClusterConfig","metadata":{"name":"{{{name}}}","generation":4,"uid":"x"},"spec":{{{spec}}}}"""));
}
