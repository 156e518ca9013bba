using Damon.Demo.Measures;
using Damon.Testing;

namespace Damon.Demo.Tests.Measures;

public class ProcessObserverTests
{
    [Theory]
    [InlineData("1000000000 250000000 42\n", 250.0)]
    [InlineData("1000000000 0 42\n", 0.0)]
    [InlineData("1000000000\n", null)]
    [InlineData("1 -5 2\n", null)]
    [InlineData("1 99999999999999999999 2\n", null)]
    [InlineData("", null)]
    public void Waiting_is_the_second_figure(string content, double? milliseconds)
    {
        using var host = FakeHost.With(("/proc/42/schedstat", content));

        new ProcessObserver(host.Root).WaitedForCpu(42)?.TotalMilliseconds.Should().Be(milliseconds);
        new ProcessObserver(host.Root).WaitedForCpu(42).HasValue.Should().Be(milliseconds.HasValue);
    }

    [Fact]
    public void Cpu_time_is_summed_over_the_threads_and_what_cannot_be_read_is_left_out()
    {
        using var host = FakeHost.With(
            ("/proc/42/task/42/schedstat", "1000000 5 1\n"), ("/proc/42/task/43/schedstat", "2500000 7 1\n"), ("/proc/42/task/44/schedstat", "hostile\n"));

        new ProcessObserver(host.Root).CpuOfThreads(42).Should().Be(TimeSpan.FromMilliseconds(3.5));
    }

    [Fact]
    public void A_process_that_is_gone_has_no_figures()
    {
        using var host = new FakeHost();
        var observer = new ProcessObserver(host.Root);

        observer.WaitedForCpu(42).Should().BeNull();
        observer.CpuTime(42).Should().BeNull();
        observer.CpuOfThreads(42).Should().BeNull();
        observer.Resident(42, []).Should().BeNull();
    }
}
