using Damon.Workload.Memory;
using Damon.Workload.Runs;

namespace Damon.Workload.Commands;

/// <summary>The command line, understood.</summary>
/// <param name="PatternFile">Path of the pattern.</param>
/// <param name="Settings">How to run it.</param>
/// <param name="Directory">Where the folder for file regions is made.</param>
/// <param name="Scale">What every region's size is multiplied by.</param>
/// <param name="Layout">How regions lie beside each other.</param>
/// <param name="Format">How events are written.</param>
/// <param name="TruthFile">Where the truth goes, if it is wanted.</param>
internal sealed record WorkloadOptions(string PatternFile, WorkloadSettings Settings, string Directory, double Scale, RegionLayout Layout, OutputFormat Format, string? TruthFile);
