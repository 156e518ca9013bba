using Damon.Footprint.Agents;

namespace Damon.Footprint.Tests.Agents;

public class ProcessFiguresTests
{
    private const string Status = "Name:\tdamon-agent\nVmHWM:\t   40960 kB\nVmRSS:\t   30720 kB\nRssAnon:\t   10240 kB\nRssFile:\t   20480 kB\nRssShmem:\t       0 kB\nThreads:\t12\n";
    private const string Stat = "42 (damon-agent) S 1 42 42 0 -1 4194304 100 0 0 0 250 75 0 0 20 0 12 0 5000 10000000 7500 18446744073709551615 1 1 0";

    [Fact]
    public void Sizes_are_bytes_and_times_are_hundredths_of_a_second() =>
        ProcessFigures.Parse(Status, Stat).Should().Be(new ProcessFigures(30UL << 20, 40UL << 20, 10UL << 20, 20UL << 20, 12, TimeSpan.FromSeconds(2.5), TimeSpan.FromSeconds(0.75)));

    [Fact]
    public void A_name_with_brackets_and_blanks_is_passed_over() =>
        ProcessFigures.Parse(Status, Stat.Replace("(damon-agent)", "(a) b (c d)", StringComparison.Ordinal))!.Cpu.Should().Be(TimeSpan.FromSeconds(3.25));

    [Theory]
    [InlineData("Name:\tdamon-agent\nState:\tZ (zombie)\n", Stat)]
    [InlineData(Status, "42 (damon-agent) S 1")]
    public void A_process_that_has_ended_or_is_cut_short_has_no_figures(string status, string stat) => ProcessFigures.Parse(status, stat).Should().BeNull();

    [Theory]
    [InlineData("\tlinux-vdso.so.1 (0x00007)\n\tlibm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x00007)\n\tlibc.so.6 => /lib/libc.so.6 (0x00007)\n\t/lib64/ld-linux-x86-64.so.2 (0x00007)\n", "libm.so.6,libc.so.6")]
    [InlineData("\tnot a dynamic executable\n", "not")]
    [InlineData("", "")]
    public void What_a_program_is_linked_with_is_what_ldd_names(string ldd, string names) => string.Join(',', BinaryFacts.Names(ldd)).Should().Be(names);
}
