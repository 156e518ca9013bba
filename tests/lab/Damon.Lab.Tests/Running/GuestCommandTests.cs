using Damon.Lab.Guest.Running;
using Damon.Testing;

namespace Damon.Lab.Tests.Running;

public class GuestCommandTests
{
    [Fact]
    public void A_command_line_is_read_in_full()
    {
        var test = Guest.LabTests.All[0].Name;
        GuestCommand.TryParse(["run", "--set", "smoke", "--only", test, "--kernel", "k", "--release", "1.2", "--has", "a b"], out var set, out var only, out var promise, out _).Should().BeTrue();

        set.Should().Be(LabSet.Smoke);
        only.Should().Equal(test);
        (promise!.Kernel, promise.Release).Should().Be(("k", "1.2"));
        promise.Has.Should().Equal("a", "b");
    }

    [Fact]
    public void Without_options_everything_is_run_and_nothing_is_promised()
    {
        GuestCommand.TryParse(["run"], out var set, out var only, out var promise, out _).Should().BeTrue();

        set.Should().Be(LabSet.Full);
        only.Should().BeEmpty();
        promise.Should().BeNull();
    }

    [Theory]
    [InlineData("")]
    [InlineData("walk")]
    [InlineData("run --set")]
    [InlineData("run --set tiny")]
    [InlineData("run --only No_such_test")]
    [InlineData("run --speed 3")]
    public void What_is_not_understood_is_told(string line)
    {
        GuestCommand.TryParse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries), out _, out _, out _, out var error).Should().BeFalse();

        error.Should().NotBeEmpty();
    }

    [Theory]
    [InlineData("console=ttyS0 damon_lab=1 quiet\n", true)]
    [InlineData("damon_lab=1\n", true)]
    [InlineData("BOOT_IMAGE=/vmlinuz root=/dev/sda1\n", false)]
    [InlineData("xdamon_lab=1 damon_lab=10\n", false)]
    public void Only_a_machine_of_the_lab_is_taken_for_one(string commandLine, bool lab)
    {
        using var host = FakeHost.With(("/proc/cmdline", commandLine));

        GuestCommand.IsLab(host.Root).Should().Be(lab);
    }

    [Fact]
    public async Task This_machine_is_left_alone()
    {
        using var output = new StringWriter();

        (await GuestCommand.RunAsync(["run"], output, TimeProvider.System)).Should().Be(2);
        output.ToString().Should().Contain("only inside");
    }
}
