using Damon.Demo.Measures;

namespace Damon.Demo.Tests.Measures;

public class PairedLossTests
{
    private const long Window = 100_000_000;

    [Fact]
    public void A_window_in_which_the_engine_ran_is_compared_with_its_neighbours_in_which_it_slept()
    {
        // 10 windows of speed 100; in the sixth the engine ran, and a half is missing: a twentieth of all.
        var loss = Of([100, 100, 100, 100, 100, 50, 100, 100, 100, 100], 5);

        loss.Share.Should().BeApproximately(0.05, 1e-12);
        (loss.ActiveWindows, loss.QuietWindows).Should().Be((1, 9));
        loss.StandardError.Should().Be(0);
    }

    [Fact]
    public void A_machine_that_changes_its_speed_costs_nothing()
    {
        // It gets slower by half in the middle; the engine ran once on either side and took nothing.
        var loss = Of([100, 100, 100, 100, 100, 50, 50, 50, 50, 50], 1, 8);

        loss.Share.Should().BeApproximately(0, 1e-12);
    }

    [Fact]
    public void The_error_grows_with_the_noise_and_with_the_number_of_windows_compared()
    {
        double[] noisy = [100, 110, 90, 105, 95, 100, 108, 92, 103, 97];

        var one = Of(noisy, 5);
        var two = Of(noisy, 2, 7);

        one.StandardError.Should().BeGreaterThan(0);
        (two.StandardError / one.StandardError).Should().BeInRange(1, 2);
    }

    [Fact]
    public void Where_the_engine_never_slept_there_is_nothing_to_compare_with()
    {
        double.IsNaN(Of([100, 100, 100], 0, 1, 2).Share).Should().BeTrue();
        double.IsNaN(Of([]).Share).Should().BeTrue();
    }

    [Fact]
    public void A_workload_that_stood_still_throughout_cannot_be_judged() => double.IsNaN(Of([0, 0, 0, 0], 1).Share).Should().BeTrue();

    [Fact]
    public void Windows_that_reach_out_of_the_stretch_do_not_count()
    {
        var windows = Enumerable.Range(0, 10).Select(i => new ThroughputWindow(i * Window, (i + 1) * Window, i == 9 ? 1 : 100));

        var loss = PairedLoss.Of(new ClockSpan(Window / 2, (9 * Window) + 1), windows, Activity(3));

        (loss.ActiveWindows + loss.QuietWindows).Should().Be(8);
    }

    private static PairedLoss Of(double[] speeds, params int[] active) => PairedLoss.Of(
        new ClockSpan(0, speeds.Length * Window),
        speeds.Select((speed, i) => new ThroughputWindow(i * Window, (i + 1) * Window, speed)),
        Activity(active));

    /// <summary>The engine runs for 10 ms in the middle of the given windows.</summary>
    private static EngineActivity Activity(params int[] active)
    {
        var activity = new EngineActivity();
        var cpu = TimeSpan.Zero;
        activity.Note(0, cpu);
        foreach (var window in active)
        {
            activity.Note((window * Window) + (Window / 4), cpu);
            cpu += TimeSpan.FromMilliseconds(10);
            activity.Note((window * Window) + (Window / 2), cpu);
        }

        return activity;
    }
}
