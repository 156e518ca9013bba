using Damon.Engine.Interop;

namespace Damon.Engine.Tests.Interop;

public class NativeProcessTests
{
    [Fact]
    public void A_pid_that_cannot_exist_is_ESRCH() => Native.OpenProcess(int.MaxValue).Should().Be(-Errno.ESRCH);

    [Fact]
    public void The_own_process_answers_through_its_descriptor()
    {
        var descriptor = Native.OpenProcess(Environment.ProcessId);
        descriptor.Should().BePositive();
        Native.ProbeProcess(descriptor).Should().Be(0);
        Native.Close(descriptor);
        Native.ProbeProcess(descriptor).Should().Be(-Errno.EBADF);
    }

    [Fact]
    public void Page_size_and_pid_agree_with_the_runtime()
    {
        Native.PageSizeBytes.Should().Be(Environment.SystemPageSize);
        Native.ProcessId.Should().Be(Environment.ProcessId);
    }

    [Fact]
    public void A_path_with_a_zero_byte_or_without_end_is_refused()
    {
        Native.OpenToRead("/proc/self\0/maps").Should().Be(-Errno.ENAMETOOLONG);
        Native.OpenToRead("/" + new string('a', 5000)).Should().Be(-Errno.ENAMETOOLONG);
    }
}
