using Damon.Testing.KernelDamon;
using Damon.Testing.Oracle;

namespace Damon.NodeAgent.Tests.Oracle;

public class DamoParametersTests
{
    [Theory]
    [InlineData("pageout-cold", "contexts/0/operations", "paddr")]
    [InlineData("pageout-cold", "contexts/0/targets/0/regions/0/end", "8589934592")]
    [InlineData("pageout-cold", "contexts/0/monitoring_attrs/intervals/update_us", "60000000")]
    [InlineData("pageout-cold", "contexts/0/schemes/0/access_pattern/sz/min", "4096")]
    [InlineData("pageout-cold", "contexts/0/schemes/0/access_pattern/sz/max", "18446744073709551615")]
    [InlineData("pageout-cold", "contexts/0/schemes/0/access_pattern/age/min", "1200")]
    [InlineData("pageout-cold", "contexts/0/schemes/0/quotas/bytes", "8388608")]
    [InlineData("pageout-cold", "contexts/0/schemes/0/quotas/weights/age_permil", "700")]
    [InlineData("pageout-cold", "contexts/0/schemes/0/ops_filters/2/memcg_path", "/kubepods.slice/kubepods-pod1.slice/b.scope")]
    [InlineData("lru-deprio-slow", "contexts/0/schemes/0/access_pattern/nr_accesses/max", "2")]
    [InlineData("lru-deprio-slow", "contexts/0/schemes/0/access_pattern/age/max", "1800")]
    [InlineData("migrate-cold", "contexts/0/schemes/0/target_nid", "1")]
    [InlineData("migrate-cold", "contexts/0/schemes/0/core_filters/0/addr_start", "6442450944")]
    [InlineData("migrate-cold-goals", "contexts/0/schemes/0/quotas/goals/1/target_value", "9500")]
    [InlineData("migrate-cold-goals", "contexts/0/schemes/0/quotas/goal_tuner", "temporal")]
    [InlineData("pageout-pressure", "contexts/0/schemes/0/quotas/goals/0/target_value", "500")]
    [InlineData("pageout-filters", "contexts/0/schemes/0/ops_filters/2/max", "1073741824")]
    [InlineData("lru-deprio-cold", "contexts/0/schemes/0/watermarks/low", "50")]
    [InlineData("stat-tuned", "contexts/0/monitoring_attrs/intervals/intervals_goal/access_bp", "250")]
    public void An_answer_is_the_files_that_damo_writes(string name, string file, string value) =>
        DamoParameters.Of(AnswerOf(name))[file].Should().Be(value);

    [Theory]
    [InlineData("\"pause\": false,", "\"pause\": false, \"brand_new\": 1,")]
    [InlineData("\"goal_tuner\": \"consist\",", "\"goal_tuner\": \"consist\", \"brand_new\": null,")]
    [InlineData("\"probe_hits_wsum_range\": null", "\"probe_hits_wsum_range\": [\"1\", \"2\"]")]
    [InlineData("\"probes\": [],", "\"probes\": [{}],")]
    [InlineData("\"page_fault\": false", "\"page_fault\": true")]
    [InlineData("\"pause\": false,", "")]
    public void A_field_that_is_no_known_file_is_an_error(string found, string changed)
    {
        var answer = AnswerOf("pageout-cold");
        answer.Should().Contain(found);

        ((Action)(() => DamoParameters.Of(answer.Replace(found, changed, StringComparison.Ordinal)))).Should().Throw<InvalidOperationException>();
    }

    [Fact]
    public void Kernels_with_one_folder_of_filters_get_all_of_them_there()
    {
        var files = DamoParameters.Of(AnswerOf("migrate-cold"), hasFilterLayers: false);

        files.Keys.Should().Contain("contexts/0/schemes/0/filters/2/memcg_path").And.NotContain(file => file.Contains("_filters/0"));
    }

    [Fact]
    public void Every_file_of_a_new_context_is_known_with_its_default()
    {
        var tree = new FakeDamonTree(FakeKernel.Debian73);
        foreach (var (file, text) in (ReadOnlySpan<(string, string)>)
        [
            ("kdamonds/nr_kdamonds", "1"), ("kdamonds/0/contexts/nr_contexts", "1"), ("kdamonds/0/contexts/0/targets/nr_targets", "1"),
            ("kdamonds/0/contexts/0/targets/0/regions/nr_regions", "1"), ("kdamonds/0/contexts/0/schemes/nr_schemes", "1"),
            ("kdamonds/0/contexts/0/schemes/0/quotas/goals/nr_goals", "1"), ("kdamonds/0/contexts/0/schemes/0/core_filters/nr_filters", "1"),
            ("kdamonds/0/contexts/0/schemes/0/ops_filters/nr_filters", "1"), ("kdamonds/0/contexts/0/schemes/0/dests/nr_dests", "1"),
        ])
        {
            tree.Write(file, text).IsOk.Should().BeTrue(file);
        }

        var parameters = KernelParameters.KernelParametersOf(tree, 0);

        parameters.Where(file => !file.Key.Contains("/nr_", StringComparison.Ordinal)).Should().HaveCountGreaterThan(50).And.OnlyContain(file => file.Value == KernelParameters.DefaultOf(file.Key));
        parameters.Keys.Should().NotContain(file => file.EndsWith("/state", StringComparison.Ordinal) || file.Contains("tried", StringComparison.Ordinal));
    }

    [Fact]
    public void A_file_that_no_kernel_was_known_to_have_cannot_be_compared_by_accident() =>
        ((Action)(() => ParameterDifference.Between(new Dictionary<string, string> { ["contexts/0/brand_new"] = "1" }, new Dictionary<string, string> { ["contexts/0/brand_new"] = "1" })))
            .Should().Throw<InvalidOperationException>().WithMessage("*brand_new*");

    private static string AnswerOf(string name) => OracleCase.All.Single(one => one.Name == name).Answer;
}
