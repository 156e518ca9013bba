using System.Runtime.InteropServices;
using Damon.Engine.Host;
using Damon.Engine.Interop;

namespace Damon.Engine.Tests.Host;

public class ThreadInterruptTests
{
    [Fact]
    public void A_thread_that_waits_in_the_kernel_goes_on_with_an_error_and_no_other_thread_notices()
    {
        using var isReady = new ManualResetEventSlim();
        ThreadInterrupt? interrupt = null;
        var error = 0;
        var thread = new Thread(() =>
        {
            interrupt = ThreadInterrupt.OfCurrentThread().Value;
            isReady.Set();
            error = Poll(0, 0, 120_000) < 0 ? Marshal.GetLastPInvokeError() : -1;
        });
        thread.Start();
        isReady.Wait(TestContext.Current.CancellationToken);

        // A signal that comes before the thread waits is lost: sent again until it does.
        while (!thread.Join(TimeSpan.FromMilliseconds(1)))
        {
            interrupt!.Send().Kind.Should().BeOneOf(HostErrorKind.None, HostErrorKind.Vanished);
        }

        error.Should().Be(Errno.EINTR);
    }

    [Fact]
    public void A_thread_that_has_ended_is_gone()
    {
        ThreadInterrupt? interrupt = null;
        var thread = new Thread(() => interrupt = ThreadInterrupt.OfCurrentThread().Value);
        thread.Start();
        thread.Join();
        SpinWait.SpinUntil(() => interrupt!.Send().Kind == HostErrorKind.Vanished, TimeSpan.FromMinutes(1)).Should().BeTrue("the kernel takes a moment after the runtime has let go");
    }

    [Fact]
    public void Asking_twice_is_the_same() => ThreadInterrupt.OfCurrentThread().IsOk.Should().Be(ThreadInterrupt.OfCurrentThread().IsOk);

    [DllImport("libc", EntryPoint = "poll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Poll(nint descriptors, ulong count, int timeoutMilliseconds);
}
