using Damon.Engine.Host;
using Damon.Engine.Machine;
using Damon.Lab.Guest.Node;
using Damon.Lab.Guest.Privileges;

namespace Damon.Lab.Guest.Running;

/// <summary>
/// The command line: <c>list</c>, or <c>run [--set smoke|full] [--only NAME]… [--kernel NAME --release RELEASE --has WORDS]</c>; and what tests start this program for, with other rights than theirs.
/// </summary>
internal static class GuestCommand
{
    private const int Passed = 0;
    private const int Failed = 1;
    private const int BadUsage = 2;

    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, TextWriter output, TimeProvider time)
    {
        if (arguments is ["list"])
        {
            foreach (var test in LabTests.All)
                await output.WriteLineAsync($"{test.Set,-5} {test.Name}");
            return Passed;
        }

        if (await TryPlayPartAsync(arguments, output, time) is { } exitCode)
            return exitCode;

        if (!TryParse(arguments, out var set, out var only, out var promise, out var error))
        {
            await output.WriteLineAsync(error);
            return BadUsage;
        }

        var host = new HostRoot();
        if (!IsLab(host))
        {
            await output.WriteLineAsync("This kills what runs in pods and stops kdamonds: it runs only inside a machine that tests/lab/boot started.");
            return BadUsage;
        }

        var machine = new LabMachine(promise, MachineFacts.Read(host));
        var tests = LabTests.All.Where(test => only.Count > 0 ? only.Contains(test.Name) : test.Set <= set).ToList();
        var failed = await new LabRunner(host, machine, time, output).RunAsync(tests);
        return failed == 0 ? Passed : Failed;
    }

    /// <returns>The exit code; nothing where it is none of the parts that this program plays in its own tests.</returns>
    private static async Task<int?> TryPlayPartAsync(IReadOnlyList<string> arguments, TextWriter output, TimeProvider time)
    {
        var host = new HostRoot();
        if (arguments.Count == 0 || !IsLab(host))
            return null;

        IReadOnlyList<string> rest = [.. arguments.Skip(1)];
        switch (arguments[0])
        {
            case Confinement.Verb when Confinement.Parse(rest) is { } confinement:
                confinement.Become(host);
                return Failed;
            case HeldMemory.Verb:
                await HeldMemory.RunAsync(rest[0], output, time);
                return Passed;
            case DeedRunner.Verb:
                await DeedRunner.RunAsync(host, rest, output);
                return Passed;
            case NoticeRunner.Verb:
                await NoticeRunner.RunAsync(host, rest, output, time);
                return Passed;
            case LoopRunner.Verb:
                await LoopRunner.RunAsync(host, rest, output, time);
                return Passed;
            default:
                return null;
        }
    }

    /// <summary>Whether this machine is the lab's: <c>boot</c> says so on the kernel's command line.</summary>
    internal static bool IsLab(HostRoot host) => host.ReadText("/proc/cmdline").TryGet(out var line) && line.Split(' ', '\n').Contains("damon_lab=1");

    internal static bool TryParse(IReadOnlyList<string> arguments, out LabSet set, out HashSet<string> only, out MachinePromise? promise, out string error)
    {
        set = LabSet.Full;
        only = [];
        promise = null;
        error = "";
        string? kernel = null, release = null, has = null;
        if (arguments.Count % 2 == 0 || arguments[0] != "run")
        {
            error = "usage: damon-lab-guest list | run [--set smoke|full] [--only NAME]... [--kernel NAME --release RELEASE --has WORDS]";
            return false;
        }

        for (var index = 1; index < arguments.Count; index += 2)
        {
            var value = arguments[index + 1];
            switch (arguments[index])
            {
                case "--set" when Enum.TryParse(value, ignoreCase: true, out set):
                    break;
                case "--only" when LabTests.All.Any(test => test.Name == value):
                    only.Add(value);
                    break;
                case "--kernel":
                    kernel = value;
                    break;
                case "--release":
                    release = value;
                    break;
                case "--has":
                    has = value;
                    break;
                default:
                    error = $"'{arguments[index]} {value}' is not understood";
                    return false;
            }
        }

        if (kernel is not null)
            promise = new MachinePromise(kernel, release ?? "", (has ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries));
        return true;
    }
}
