using Damon.Engine.KernelDamon;
using Damon.Engine.Schemes;
using Damon.Testing.Oracle;

namespace Damon.NodeAgent.Tests.Oracle;

/// <summary>
/// damo is the oracle: what its command line for the same scheme means (tests/Damon.Testing/Oracle/Cases), file by file, against what the product writes into the files of a kdamond. See
/// docs/reference/damo.md.
/// </summary>
public class DamoOracleTests
{
    public static TheoryData<string> Cases => [.. OracleCase.All.Select(one => one.Name)];

    [Fact]
    public void There_are_enough_cases_and_every_action_that_the_kernel_carries_out_is_among_them()
    {
        OracleCase.All.Count.Should().BeGreaterThanOrEqualTo(12);
        using var kernel = new OracleKernel();
        OracleCase.All.Select(one => new OracleScheme(one, kernel.Features).Description.Action).Distinct().Should().BeEquivalentTo(
            (SchemeAction[])[SchemeAction.Stat, SchemeAction.Pageout, SchemeAction.HugePage, SchemeAction.NoHugePage, SchemeAction.LruPrio, SchemeAction.LruDeprio, SchemeAction.MigrateHot, SchemeAction.MigrateCold]);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_schemes_own_words_become_the_files_that_damo_writes_but_for_the_differences_on_purpose(string name)
    {
        using var kernel = new OracleKernel();
        var @case = CaseOf(name);

        var found = ParameterDifference.Between(kernel.ParametersOf(new OracleScheme(@case, kernel.Features).AsWritten), DamoParameters.Of(@case.Answer));

        found.Where(difference => !PurposefulDifference.All.Any(purposeful => purposeful.Covers(name, difference))).Should().BeEmpty();
    }

    [Fact]
    public void Every_difference_on_purpose_is_there()
    {
        using var kernel = new OracleKernel();
        var found = OracleCase.All.SelectMany(
            one => ParameterDifference.Between(kernel.ParametersOf(new OracleScheme(one, kernel.Features).AsWritten), DamoParameters.Of(one.Answer)).Select(difference => (one.Name, difference))).ToList();

        PurposefulDifference.All.Where(purposeful => !found.Exists(one => purposeful.Covers(one.Name, one.difference))).Should().BeEmpty();
    }

    /// <summary>Nothing else than the files of <see cref="GrantedParameters"/> may differ from what damo writes while the kernel acts for an agent.</summary>
    [Theory]
    [MemberData(nameof(Cases))]
    public void While_the_kernel_carries_a_scheme_out_only_its_budget_and_its_times_are_the_leases(string name)
    {
        using var kernel = new OracleKernel();
        var @case = CaseOf(name);
        var scheme = new OracleScheme(@case, kernel.Features);
        var damos = DamoParameters.Of(@case.Answer);
        var expected = scheme.Compilation.Enforces ? GrantedParameters.Of(damos, scheme.GrantBytes, scheme.Targets) : ObservedParameters.Of(damos);

        var found = ParameterDifference.Between(kernel.ParametersOf(scheme.AsCarriedOut), expected);

        found.Where(difference => !PurposefulDifference.All.Any(purposeful => purposeful.Covers(name, difference))).Should().BeEmpty();
    }

    [Theory]
    [InlineData(SchemeAction.Cold)]
    [InlineData(SchemeAction.WillNeed)]
    [InlineData(SchemeAction.Collapse)]
    [InlineData(SchemeAction.HugePage)]
    [InlineData(SchemeAction.NoHugePage)]
    public void What_damo_writes_and_the_kernel_then_does_nothing_with_is_refused(SchemeAction action)
    {
        using var kernel = new OracleKernel();
        var carried = new OracleScheme(CaseOf("pageout-cold"), kernel.Features);

        KernelSchemeCompiler.Compile(carried.Description with { Action = action }, KernelOperations.Paddr, Engine.Monitoring.MonitoringIntervals.Default, kernel.Features, KernelScope.Empty, nodeTargetsAllowed: true)
            .Reason.Should().Be(KernelSchemeReason.UnsupportedAction);
    }

    /// <summary>damo would write 500 and 200: the same ratio.</summary>
    [Theory]
    [InlineData(30, 70, "300", "700")]
    [InlineData(3000, 7000, "300", "700")]
    [InlineData(5000, 2000, "5000", "2000")]
    [InlineData(0, 0, "0", "0")]
    [InlineData(SchemeQuota.MaxWeight, 1, "1000000", "1")]
    public void Weights_are_thousandths_of_their_sum_where_that_is_exact_and_keep_their_ratio_always(int rate, int age, string rateFile, string ageFile)
    {
        using var kernel = new OracleKernel();
        var context = new OracleScheme(CaseOf("pageout-cold"), kernel.Features).AsWritten;

        var files = kernel.ParametersOf(context with { Schemes = [context.Schemes[0] with { Quota = context.Schemes[0].Quota! with { AccessRateWeight = rate, AgeWeight = age } }] });

        (files["contexts/0/schemes/0/quotas/weights/nr_accesses_permil"], files["contexts/0/schemes/0/quotas/weights/age_permil"]).Should().Be((rateFile, ageFile));
    }

    private static OracleCase CaseOf(string name) => OracleCase.All.Single(one => one.Name == name);
}
