using System.Runtime.InteropServices;
using System.Text;
using Damon.Cli.Doctor;
using Damon.Engine.KernelDamon;
using Damon.Engine.Machine;
using Damon.Testing;

namespace Damon.Cli.Tests.Doctor;

public class DoctorGoldenTests
{
    [Fact]
    public void Text_is_what_the_golden_file_says()
    {
        using var host = Machines.WithForeignKdamond();
        using var output = new StringWriter();
        DoctorText.Write(output, Diagnose(host), terminalWidth: 0);
        GoldenFile.Compare("doctor.txt", output.ToString());
    }

    [Fact]
    public void Json_is_what_the_golden_file_says()
    {
        using var host = Machines.WithForeignKdamond();
        using var stream = new MemoryStream();
        DoctorJson.Write(stream, Diagnose(host));
        GoldenFile.Compare("doctor.json", Encoding.UTF8.GetString(stream.ToArray()) + "\n");
    }

    /// <summary>Two facts come from the process and not from the host: the same file has to hold on every developer's machine.</summary>
    private static Diagnosis Diagnose(FakeHost host)
    {
        var facts = MachineFacts.Read(host.Root) with { Architecture = Architecture.X64, PageSizeBytes = 4096 };
        return new Diagnosis(facts, KernelCapabilities.Expected(facts.Kernel));
    }
}
