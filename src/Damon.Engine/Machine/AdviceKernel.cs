using Damon.Engine.Interop;

namespace Damon.Engine.Machine;

/// <summary>The kernel that this program runs on.</summary>
internal sealed class AdviceKernel : IAdviceKernel
{
    private const int Init = 1;

    /// <remarks>
    /// Who started this program is as a rule the same user's, and may be looked at without a right. Both are other address spaces than this one, and on this one the kernel takes more than on others (since
    /// Linux 6.13), so that it cannot stand in for them.
    /// </remarks>
    public IReadOnlyList<int> Others => [.. new[] { Native.ParentProcess(), Init }.Distinct().Where(process => process > 0 && process != Environment.ProcessId)];

    public int Open(int process) => Native.OpenProcess(process);

    public void Close(int descriptor) => Native.Close(descriptor);

    public int AdviseOther(int descriptor, int advice) => (int)Native.AdviseProcess(descriptor, [], advice);

    public int AdviseOwn(int advice) => Native.AdviseNothing(advice);
}
