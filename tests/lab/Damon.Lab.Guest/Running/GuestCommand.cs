using Damon.Engine.Host;
using Damon.Engine.Machine;

namespace Damon.Lab.Guest.Running;

/// <summary>The command line: <c>list</c>, or <c>run [--set smoke|full] [--only NAME]… [--kernel NAME --release RELEASE --has WORDS]</c>.</summary>
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

        if (!TryParse(arguments, out var set, out var only, out var promise, out var error))
        {
            await output.WriteLineAsync(error);
            return BadUsage;
        }

        var host = new HostRoot();
        var machine = new LabMachine(promise, MachineFacts.Read(host));
        var tests = LabTests.All.Where(test => only.Count > 0 ? only.Contains(test.Name) : test.Set <= set).ToList();
        var failed = await new LabRunner(host, machine, time, output).RunAsync(tests);
        return failed == 0 ? Passed : Failed;
    }

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
