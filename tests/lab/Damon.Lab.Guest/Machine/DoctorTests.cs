using System.Text.Json;
using Damon.Engine.Machine;
using Damon.Engine.Schemes;
using Damon.Lab.Guest.Privileges;
using Damon.Lab.Guest.Running;

namespace Damon.Lab.Guest.Machine;

/// <summary>The published <c>damonctl</c>, compiled ahead of time, sees this machine as it is.</summary>
internal static class DoctorTests
{
    public static IReadOnlyList<LabTest> All { get; } =
    [
        new(nameof(The_doctor_names_this_kernel_and_its_memory_nodes), LabSet.Smoke, The_doctor_names_this_kernel_and_its_memory_nodes),
        new(nameof(What_the_kernel_says_of_advice_is_what_it_does_with_it), LabSet.Smoke, What_the_kernel_says_of_advice_is_what_it_does_with_it),
    ];

    private static async Task The_doctor_names_this_kernel_and_its_memory_nodes(LabContext context)
    {
        var doctor = await context.RunAsync("damonctl", "doctor", "-o", "json");

        Expect.Equal($"exit code of the doctor, which wrote '{doctor.Errors}'", 0, doctor.ExitCode);
        using var diagnosis = JsonDocument.Parse(doctor.Output);
        Expect.Equal("the kernel", context.Read("/proc/sys/kernel/osrelease"), diagnosis.RootElement.GetProperty("kernel").GetString());
        Expect.Sequence("memory nodes", [0, 1], diagnosis.RootElement.GetProperty("numaNodes").EnumerateArray().Select(node => node.GetInt32()));
        Expect.True("what the kernel takes of advice is known", diagnosis.RootElement.GetProperty("processAdvice").GetProperty("isKnown").GetBoolean());
        Expect.Sequence("slow memory nodes", [1], diagnosis.RootElement.GetProperty("memoryTiers").GetProperty("slow").EnumerateArray().Select(node => node.GetInt32()));
    }

    private static async Task What_the_kernel_says_of_advice_is_what_it_does_with_it(LabContext context)
    {
        // asm-generic/mman-common.h
        (SchemeAction Action, int Advice)[] all =
        [
            (SchemeAction.WillNeed, 3), (SchemeAction.HugePage, 14), (SchemeAction.NoHugePage, 15), (SchemeAction.Collapse, 25), (SchemeAction.Cold, 20), (SchemeAction.Pageout, 21),
        ];
        const int Refused = -22;
        const ulong HugePageBytes = 2 << 20;
        var said = ProcessAdviceProbe.Ask(context.Host, context.Time);
        GuestConsole.Note(said.Message);
        Expect.True($"the kernel could be asked: {said.Problem}", said.IsKnown);

        var workload = await context.StartWorkloadAsync("lab-hotcold", context.Containers[0], "--scale", "0.25");
        var start = (workload.Regions.Single(region => !region.IsHot).Start + HugePageBytes - 1) / HugePageBytes * HugePageBytes;
        var process = (int)SystemCalls.Make("pidfd_open", workload.Id);
        foreach (var (action, advice) in all)
        {
            var did = SystemCalls.Make("process_madvise", process, SystemCalls.Place(start, HugePageBytes), 1, advice);
            Expect.Equal($"{action} is taken for another process's memory (it gave {did})", said.Of(action) == AdviceAnswer.Accepted, did != Refused);
        }

        SystemCalls.Make("close", process);
    }
}
