using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Damon.Benchmarks.Comparison;

if (args is ["compare", ..])
{
    return CompareCommand.Run(args.AsSpan(1), TimeProvider.System);
}

// In this process: the project that BenchmarkDotNet would otherwise generate and build lies below this repository's properties (locked packages, warnings as errors),
// and nothing here depends on a process of its own. A mutator, so that it holds for whichever job the command line names.
var config = DefaultConfig.Instance.AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance).AsMutator());
var summaries = BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, config);

// A benchmark that fell over is a failure of the run, not a line in its middle.
return summaries.All(summary => !summary.HasCriticalValidationErrors && summary.Reports.All(report => report.Success)) ? 0 : 1;
