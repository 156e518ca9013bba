using System.Globalization;
using Damon.Lab.Guest.Programs;
using Damon.Lab.Guest.Running;

namespace Damon.Lab.Guest.Ownership;

/// <summary>The kernel's files as another tool uses them: straight, with nobody's leave.</summary>
internal static class KernelInterface
{
    public const string Kdamonds = "/sys/kernel/mm/damon/admin/kdamonds";
    public const string Count = Kdamonds + "/nr_kdamonds";
    public const string State = Kdamonds + "/0/state";
    public const string Context = Kdamonds + "/0/contexts/0";
    public const string Record = "/run/damon/owner.json";
    public const string Stat = "/sys/module/damon_stat/parameters/enabled";

    public static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    public static Func<LabMachine, string?> NeedsDamon { get; } = machine => machine.Facts.Damon.HasSysfs ? null : "this kernel has no DAMON";

    /// <summary>Configures a kdamond for a process.</summary>
    public static void Configure(LabContext context, int processId)
    {
        context.Write(Count, "1");
        context.Write($"{Kdamonds}/0/contexts/nr_contexts", "1");
        context.Write($"{Context}/operations", "vaddr");
        context.Write($"{Context}/monitoring_attrs/intervals/sample_us", "7777");
        context.Write($"{Context}/targets/nr_targets", "1");
        context.Write($"{Context}/targets/0/pid_target", processId.ToString(CultureInfo.InvariantCulture));
        context.Write($"{Context}/schemes/nr_schemes", "1");
    }

    /// <summary>Nothing is left of anybody, and no record.</summary>
    public static void ExpectGivenBack(LabContext context)
    {
        Expect.Equal("kdamonds that are left", "0", context.Read(Count));
        Expect.Equal("an owner record is left", expected: false, context.Host.Exists(Record));
    }

    /// <summary>Somebody writes a command until it is taken: the kernel does not queue.</summary>
    public static Task CommandAsync(LabContext context, string command) =>
        context.UntilAsync($"'{command}' is taken", Soon, () => TryWrite(context, State, command), error => error.Length == 0);

    /// <returns>Why it could not be written; empty where it was.</returns>
    public static string TryWrite(LabContext context, string path, string value)
    {
        try
        {
            context.Write(path, value);
            return "";
        }
        catch (ExpectationException refused)
        {
            return refused.Message;
        }
    }
}
