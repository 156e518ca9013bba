using Damon.Engine.Machine;
using Damon.Lab.Guest.Privileges;
using Damon.Lab.Guest.Running;

namespace Damon.Lab.Tests.Privileges;

public class ConfinementTests
{
    [Fact]
    public void What_the_launcher_says_is_what_is_understood()
    {
        var launcher = Confinement.Launcher(ProcessCapabilities.SysNice | ProcessCapabilities.Kill, user: 7, seccompFile: "/p.json", endsOnRefusal: true);

        var read = Confinement.Parse([.. launcher.Skip(2), "/bin/sh", "-c", "--keep"]);

        read.Should().BeEquivalentTo(new Confinement { Keep = ProcessCapabilities.SysNice | ProcessCapabilities.Kill, User = 7, SeccompFile = "/p.json", EndsOnRefusal = true, Command = ["/bin/sh", "-c", "--keep"] });
    }

    [Theory]
    [InlineData("")]
    [InlineData("--")]
    [InlineData("/bin/sh")]
    [InlineData("--keep CAP_ALL -- /bin/sh")]
    [InlineData("--user root -- /bin/sh")]
    [InlineData("--on-refusal nothing -- /bin/sh")]
    [InlineData("--keep CAP_KILL")]
    public void What_is_not_understood_starts_nothing(string line) => Confinement.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Should().BeNull();

    [Theory]
    [InlineData("confine --keep CAP_KILL -- /bin/true")]
    [InlineData("hold /tmp")]
    [InlineData("do 1 / 0 0 0 0")]
    [InlineData("notice 1 0 0 0 0")]
    public async Task No_part_is_played_outside_of_the_lab(string line)
    {
        using var output = new StringWriter();

        (await GuestCommand.RunAsync(line.Split(' '), output, TimeProvider.System)).Should().Be(2);
    }
}
