using System.Text.Json;
using Damon.Engine.Machine;
using Damon.Lab.Guest.Programs;
using Damon.Lab.Guest.Running;

namespace Damon.Lab.Guest.Privileges;

/// <summary>Root with some of root's capabilities: what is documented works, and what is taken away is missed as documented, by the kernel's word or by ours.</summary>
internal static class CapabilityTests
{
    private const ProcessCapabilities None = ProcessCapabilities.None;
    private const ProcessCapabilities Documented = PrivilegeTable.Documented;
    private const int Somebody = 1000;

    /// <summary>Some of what a container runtime gives to root; more than we have, so that being the same user is not enough to look.</summary>
    private const ProcessCapabilities OfContainers = ProcessCapabilities.DacOverride | ProcessCapabilities.FileOwner | ProcessCapabilities.Kill;

    public static IReadOnlyList<LabTest> All { get; } =
    [
        new(nameof(With_the_documented_capabilities_everything_works_that_they_are_documented_for), LabSet.Smoke, With_the_documented_capabilities_everything_works_that_they_are_documented_for),
        new(nameof(Each_capability_that_is_missing_is_missed_as_documented), LabSet.Full, Each_capability_that_is_missing_is_missed_as_documented) { Timeout = TimeSpan.FromMinutes(5) },
        new(nameof(What_the_kernel_keeps_silent_about_is_noticed_and_named), LabSet.Full, What_the_kernel_keeps_silent_about_is_noticed_and_named) { Timeout = TimeSpan.FromMinutes(3) },
        new(nameof(The_doctor_names_each_capability_that_is_missing), LabSet.Full, The_doctor_names_each_capability_that_is_missing),
    ];

    private static Task With_the_documented_capabilities_everything_works_that_they_are_documented_for(LabContext context) => Look(context, Documented);

    private static Task Each_capability_that_is_missing_is_missed_as_documented(LabContext context) => Look(
        context,
        [
            .. CapabilitySet.Of(Documented).Select(missing => Documented & ~missing),
            None,
            (Documented & ~ProcessCapabilities.SysPtrace & ~ProcessCapabilities.SysAdmin) | CapabilitySet.Performance,
            ProcessCapabilities.SysPtrace | ProcessCapabilities.SysNice | ProcessCapabilities.SysAdmin | ProcessCapabilities.DacOverride,
            Documented | ProcessCapabilities.DacOverride | ProcessCapabilities.Kill,
        ]);

    /// <summary>Of another user's process. What is not in a row is as with all of them.</summary>
    private static async Task What_the_kernel_keeps_silent_about_is_noticed_and_named(LabContext context)
    {
        var idle = context.Machine.Facts.HasIdlePageBitmap;
        (ProcessCapabilities Missing, string What, string Outcome, string Word)[] expected =
        [
            (None, NoticeRunner.Open, "None", ""),
            (None, NoticeRunner.Filter, "Applied", ""),
            (None, NoticeRunner.PageoutFile, "Applied", ""),
            (None, NoticeRunner.MarkIdle, idle ? "Ok" : "Unsupported", idle ? "" : "CONFIG_IDLE_PAGE_TRACKING"),
            (ProcessCapabilities.SysAdmin, NoticeRunner.Filter, "Denied", "CAP_SYS_ADMIN"),
            (ProcessCapabilities.SysAdmin, NoticeRunner.PageoutFile, "Applied", ""),
            (ProcessCapabilities.SysAdmin, NoticeRunner.MarkIdle, idle ? "Denied" : "Unsupported", idle ? "CAP_SYS_ADMIN" : "CONFIG_IDLE_PAGE_TRACKING"),
            (ProcessCapabilities.FileOwner, NoticeRunner.PageoutFile, "NoEffect", "CAP_FOWNER"),
            (ProcessCapabilities.SysNice, NoticeRunner.PageoutFile, "Denied", "CAP_SYS_NICE"),
            (ProcessCapabilities.DacReadSearch, NoticeRunner.Open, "Denied", "CAP_DAC_READ_SEARCH"),
            (ProcessCapabilities.SysPtrace | ProcessCapabilities.SysAdmin, NoticeRunner.Open, "Denied", "CAP_SYS_PTRACE"),
        ];
        foreach (var alike in expected.GroupBy(row => row.Missing))
        {
            var (process, held) = await HoldAsync(context, Somebody, None);
            var said = await ConfinedAsync(context, Documented & ~alike.Key, ["/lab/bin/damon-lab-guest", NoticeRunner.Verb, $"{process.Id}", .. held.Words]);
            foreach (var row in alike)
            {
                var found = said.FirstOrDefault(line => line[0] == row.What) ?? throw new ExpectationException($"without {CapabilitySet.Format(row.Missing)} nothing is said of '{row.What}'");
                Expect.Equal($"{row.What} without {CapabilitySet.Format(row.Missing)} ({found[2]})", row.Outcome, found[1]);
                Expect.True($"{row.What} without {CapabilitySet.Format(row.Missing)} names '{row.Word}'; it says '{found[2]}'", found[2].Contains(row.Word, StringComparison.Ordinal));
            }

            await process.KillAsync();
        }
    }

    private static async Task The_doctor_names_each_capability_that_is_missing(LabContext context)
    {
        foreach (var missing in (ProcessCapabilities[])[None, .. CapabilitySet.Of(Documented)])
        {
            var launcher = Confinement.Launcher(Documented & ~missing);
            var doctor = await context.RunAsync(launcher[0], [.. launcher.Skip(1), "/lab/bin/damonctl", "doctor", "-o", "json"]);
            Expect.Equal($"exit code of the doctor, which wrote '{doctor.Errors}'", 0, doctor.ExitCode);
            using var diagnosis = JsonDocument.Parse(doctor.Output);
            var named = diagnosis.RootElement.GetProperty("missingCapabilities").EnumerateArray().Select(entry => entry.GetProperty("name").GetString()!);

            // Not documented as needed: it is for the backend Referenced alone, and says so.
            Expect.Sequence($"what is missing without {CapabilitySet.Format(missing)}", CapabilitySet.Of(ProcessCapabilities.DacOverride | missing).Select(CapabilitySet.NameOf), named);
        }
    }

    /// <summary>Does every deed with each of these sets, on a process of another user and on one of root in a container.</summary>
    private static async Task Look(LabContext context, params IReadOnlyList<ProcessCapabilities> sets)
    {
        // An own /proc that hides, and a control group that nobody minds being reclaimed.
        GuestFiles.CreateFolder(context.Host, $"{DeedRunner.HiddenRoot}/proc");
        var mounted = await context.RunAsync("/bin/mount", "-t", "proc", "-o", "hidepid=ptraceable", "proc", $"{DeedRunner.HiddenRoot}/proc");
        Expect.Equal($"exit code of mount, which wrote '{mounted.Errors}'", 0, mounted.ExitCode);
        try
        {
            var group = context.CreateGroup("privileges");
            var wrong = new List<string>();
            foreach (var held in sets)
            {
                await Compare(context, group, held, Somebody, None, wrong);
                await Compare(context, group, held, user: 0, OfContainers, wrong);
            }

            Expect.True($"not as documented:\n{string.Join('\n', wrong)}", wrong.Count == 0);
        }
        finally
        {
            await context.RunAsync("/bin/umount", $"{DeedRunner.HiddenRoot}/proc");
        }
    }

    private static async Task Compare(LabContext context, string group, ProcessCapabilities rights, int user, ProcessCapabilities ofProcess, List<string> wrong)
    {
        var (process, held) = await HoldAsync(context, user, ofProcess);
        var said = (await ConfinedAsync(context, rights, ["/lab/bin/damon-lab-guest", DeedRunner.Verb, $"{process.Id}", group, .. held.Words])).ToDictionary(line => line[0], line => line[1]);
        foreach (var row in PrivilegeTable.Rows)
        {
            var seen = said.GetValueOrDefault($"{row.Deed}", "not tried");
            seen = (row.Deed, seen) switch
            {
                // The kernel's word is not enough here: what is gone is gone from the process's own figures.
                (Deed.PageOutFile, PrivilegeRow.Done) => WhatWent(HeldMemory.StretchBytes - context.Smaps(process.Id, held.FirstFile, held.FirstFile + HeldMemory.StretchBytes).RssBytes, HeldMemory.StretchBytes),
                (Deed.AdvisePageout, PrivilegeRow.Done) => WhatWent(context.Smaps(process.Id, held.Anonymous, held.Anonymous + 1).SwapBytes, HeldMemory.StretchBytes),
                _ => seen,
            };
            var expected = IsAbsent(context, row.Deed) ? DeedRunner.Absent : row.Expected(rights, isOtherUser: user != 0, MonitorsLook(context));

            // Newer kernels ask first whether it may look at the process at all, older ones whether there is such advice.
            var isEitherWay = row.Deed == Deed.AdviseOther && (rights & ProcessCapabilities.SysPtrace) == None && seen is "EACCES" or "EINVAL";
            if (seen != expected && !isEitherWay)
                wrong.Add($"{row.Deed} on a process of user {user} with {CapabilitySet.Format(rights)}: expected {expected}, saw {seen}");
        }

        await process.KillAsync();
    }

    /// <summary>Seen to be so in 7.3, and not in 6.12; the lab has no kernel between them.</summary>
    private static bool MonitorsLook(LabContext context) => context.Machine.Facts.Kernel.IsAtLeast(7, 0);

    private static string WhatWent(ulong bytes, ulong of) => bytes == of ? PrivilegeRow.Done : bytes == 0 ? "nothing goes" : $"{bytes} of {of} bytes go";

    private static bool IsAbsent(LabContext context, Deed deed) => deed switch
    {
        Deed.MarkIdle => !context.Machine.Facts.HasIdlePageBitmap,
        Deed.SwitchModule => DeedRunner.ModuleSwitch(context.Host) is null,
        _ => false,
    };

    private static async Task<(GuestProgram Process, HeldMemory Memory)> HoldAsync(LabContext context, int user, ProcessCapabilities capabilities)
    {
        var launcher = Confinement.Launcher(capabilities, user);
        var process = context.Start(context.Containers[0], launcher[0], [.. launcher.Skip(1), "/lab/bin/damon-lab-guest", HeldMemory.Verb, "/tmp"]);
        var line = await process.ReadLineAsync(context.Cancellation)
            ?? throw new ExpectationException($"the program that holds memory ended: {await process.ErrorsAsync(context.Cancellation)}");
        return (process, HeldMemory.Parse(line.Split(' ')));
    }

    /// <summary>What a program says that has these rights and no others, in words between tabs.</summary>
    private static async Task<IReadOnlyList<string[]>> ConfinedAsync(LabContext context, ProcessCapabilities rights, IReadOnlyList<string> command)
    {
        var launcher = Confinement.Launcher(rights);
        var ended = await context.RunAsync(launcher[0], [.. launcher.Skip(1), .. command]);
        Expect.Equal($"exit code of '{string.Join(' ', command)}' with {CapabilitySet.Format(rights)}, which wrote '{ended.Errors}{ended.Output}'", 0, ended.ExitCode);
        return [.. ended.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t'))];
    }
}
