using Damon.Engine.Machine;
using Damon.Lab.Guest.Pods;
using Damon.Lab.Guest.Programs;
using Damon.Lab.Guest.Running;

namespace Damon.Lab.Guest.Privileges;

/// <summary>
/// The published <c>damonctl</c> as it would run in a container that is not privileged: the documented capabilities and no others, no way to new ones, the shipped seccomp profile, and everything read-only but the
/// documented paths.
/// </summary>
internal static class ConfinedAgentTests
{
    private const string Profile = "/lab/seccomp.json";
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    /// <summary>A view of its own in which nothing can be written but what the manual says; then whatever is to run.</summary>
    private const string ReadOnly =
        """
        mkdir -p /run/damon /var/lib/damon && mount -t tmpfs damon /run/damon && mount -t tmpfs damon /var/lib/damon &&
        for m in / /dev /dev/shm /tmp /run /proc; do mount -o remount,bind,ro none $m || exit 9; done &&
        ! touch /tmp/x 2>/dev/null && ! touch /run/x 2>/dev/null && ! touch /x 2>/dev/null && exec "$@"
        """;

    public static IReadOnlyList<LabTest> All { get; } =
    [
        new(nameof(Cold_memory_of_another_user_is_paged_out_without_being_privileged), LabSet.Full, Cold_memory_of_another_user_is_paged_out_without_being_privileged) { Timeout = TimeSpan.FromMinutes(3) },
        new(nameof(The_doctor_sees_the_same_under_the_seccomp_profile), LabSet.Smoke, The_doctor_sees_the_same_under_the_seccomp_profile),
        new(nameof(What_the_seccomp_profile_does_not_allow_fails), LabSet.Smoke, What_the_seccomp_profile_does_not_allow_fails),
    ];

    private static async Task Cold_memory_of_another_user_is_paged_out_without_being_privileged(LabContext context)
    {
        context.FreeDamon();
        var workload = await SomebodysWorkload.StartAsync(context, context.Containers[0]);

        var before = ContainerFigures.Of(context, workload);

        // Where the kernel senses, frame numbers are not needed.
        var rights = AgentRun.BackendOf(context.Machine) == "Kernel" ? PrivilegeTable.DocumentedForKernelBackend : PrivilegeTable.Documented;
        var run = await AgentRun.StartAsync(context, [workload.Group], new PodScheme("Pageout"), [], ["/bin/unshare", "-m", "/bin/sh", "-c", ReadOnly, "sh", .. Confinement.Launcher(rights, seccompFile: Profile)]);
        ConfinedProcess.Check(context, run.Id, rights);

        await run.UntilAsync("nearly all cold memory is in swap", Minute, () => context.Smaps(workload, hot: false).SwapBytes, swapped => swapped >= workload.ColdBytes / 100 * 95);
        var end = await run.InterruptAsync();

        var after = ContainerFigures.Of(context, workload);
        var gone = after.ProcessSwapBytes - before.ProcessSwapBytes;
        GuestConsole.Note($"confined: {end.Count("appliedBytes")} applied, {end.Count("awayBytes")} away, {gone} in swap; cold {context.Smaps(workload, hot: false).SwapBytes} of {workload.ColdBytes}");
        Expect.Equal($"exit code of damonctl, which wrote '{end.Errors}'", 130, end.ExitCode);
        Expect.Equal("bytes of the hot region in memory", workload.HotBytes, context.Smaps(workload, hot: true).RssBytes);

        // Of all of the process's memory: its runtime's own is cold as well.
        Expect.Near("reported bytes against those gone by smaps", gone, end.Count("awayBytes"), 0.05);
    }

    private static async Task The_doctor_sees_the_same_under_the_seccomp_profile(LabContext context)
    {
        var free = await DoctorAsync(context, seccompFile: null);
        var filtered = await DoctorAsync(context, Profile);

        Expect.Equal("what it says of this machine, but for free memory", Without(free, "Bytes\""), Without(filtered, "Bytes\""));
    }

    private static async Task What_the_seccomp_profile_does_not_allow_fails(LabContext context)
    {
        // Both have every right to it; only one has the filter.
        string[] unshare = ["/bin/unshare", "-m", "/bin/true"];
        var rights = PrivilegeTable.Documented;
        var free = Confinement.Launcher(rights);
        var filtered = Confinement.Launcher(rights, seccompFile: Profile);

        Expect.Equal("exit code without the profile", 0, (await context.RunAsync(free[0], [.. free.Skip(1), .. unshare])).ExitCode);
        var refused = await context.RunAsync(filtered[0], [.. filtered.Skip(1), .. unshare]);
        Expect.True($"with it a new mount namespace is refused; it ended with {refused.ExitCode} and wrote '{refused.Errors}'", refused.ExitCode != 0 && refused.Errors.Contains("not implemented", StringComparison.Ordinal));
    }

    private static async Task<string> DoctorAsync(LabContext context, string? seccompFile)
    {
        var launcher = Confinement.Launcher(PrivilegeTable.Documented, seccompFile: seccompFile);
        var doctor = await context.RunAsync(launcher[0], [.. launcher.Skip(1), "/lab/bin/damonctl", "doctor", "-o", "json"]);
        Expect.Equal($"exit code of the doctor, which wrote '{doctor.Errors}'", 0, doctor.ExitCode);
        return doctor.Output;
    }

    private static string Without(string text, string word) => string.Join('\n', text.Split('\n').Where(line => !line.Contains(word, StringComparison.Ordinal)));
}
