using System.Text.Json;
using Damon.Lab.Guest.Running;

namespace Damon.Lab.Guest.Machine;

/// <summary>The published <c>damonctl</c>, compiled ahead of time, sees this machine as it is.</summary>
internal static class DoctorTests
{
    public static IReadOnlyList<LabTest> All { get; } =
    [
        new(nameof(The_doctor_names_this_kernel_and_its_memory_nodes), LabSet.Smoke, The_doctor_names_this_kernel_and_its_memory_nodes),
    ];

    private static async Task The_doctor_names_this_kernel_and_its_memory_nodes(LabContext context)
    {
        var doctor = await context.RunAsync("damonctl", "doctor", "-o", "json");

        Expect.Equal($"exit code of the doctor, which wrote '{doctor.Errors}'", 0, doctor.ExitCode);
        using var diagnosis = JsonDocument.Parse(doctor.Output);
        Expect.Equal("the kernel", context.Read("/proc/sys/kernel/osrelease"), diagnosis.RootElement.GetProperty("kernel").GetString());
        Expect.Sequence("memory nodes", [0, 1], diagnosis.RootElement.GetProperty("numaNodes").EnumerateArray().Select(node => node.GetInt32()));
    }
}
