using Damon.Engine.Host;
using Damon.Lab.Guest.Running;
using Damon.Testing.KernelDamon;

namespace Damon.Lab.Guest.KernelDamon;

/// <summary>The laws of DAMON's files on this machine's kernel. The same laws hold for the fake that other tests use in its place: where they do not hold here, the fake is wrong.</summary>
internal static class DamonTreeTests
{
    public static IReadOnlyList<LabTest> All { get; } =
    [
        .. DamonTreeCases.All.Select(one => new LabTest(one.Name, LabSet.Full, context =>
        {
            context.FreeDamon();
            one.Run(new KernelTreeUnderTest(context));
            return Task.CompletedTask;
        })
        {
            SkipReason = machine => one.IsFor(new KernelTreeUnderTest(new LabContext(new HostRoot(), machine, TimeProvider.System, CancellationToken.None)))
                ? null
                : $"about kernels {(one.Needs.IsThere ? "with" : "without")} {one.Needs.File}",
        }),
    ];
}
