using Damon.Lab.Tests.Runs;

namespace Damon.Lab.Tests;

/// <summary>One row for each kernel and each test of its inside. The work is done by the first row of a kernel; the others look their result up.</summary>
public class LabTests(LabRuns runs) : IClassFixture<LabRuns>
{
    public static IEnumerable<TheoryDataRow<string, string>> Rows()
    {
        if (LabSettings.Set is null)
            return [new TheoryDataRow<string, string>("none", "none") { Skip = "the kernel lab was not asked for: make lab", Label = "no kernel" }];

        return LabSettings.Kernels.SelectMany(kernel => LabSettings.Tests.Select(test =>
            new TheoryDataRow<string, string>(kernel.Name, test.Name) { Skip = LabSettings.SkipReason(kernel), Label = $"{kernel.Name}: {test.Name}" }));
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Inside(string kernel, string test)
    {
        var run = await runs.Of(LabSettings.Kernels.Single(pin => pin.Name == kernel), TestContext.Current.CancellationToken);

        run.Check(test);
        TestContext.Current.TestOutputHelper?.WriteLine($"{run.Report.Results[test].Seconds:F1} s of the {run.Seconds:F1} s that this kernel took with all its tests");
    }
}
