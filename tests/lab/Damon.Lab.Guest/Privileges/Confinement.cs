using System.Collections;
using System.Runtime.InteropServices;
using Damon.Engine.Host;
using Damon.Engine.Machine;
using Damon.Lab.Guest.Running;

namespace Damon.Lab.Guest.Privileges;

/// <summary>
/// <c>confine [--keep CAPABILITIES] [--user ID] [--seccomp FILE] [--on-refusal error|end] -- PROGRAM [ARGUMENT]…</c>: becomes another program that has no more rights than given, as a container runtime does. Without options none.
/// </summary>
internal sealed record Confinement
{
    public const string Verb = "confine";

    // linux/prctl.h, linux/capability.h, linux/seccomp.h.
    private const int SetSeccomp = 22;
    private const int DropBounding = 24;
    private const int SetNoNewPrivileges = 38;
    private const int Ambient = 47;
    private const int ClearAmbient = 4;
    private const int FilterMode = 2;
    private const uint CapabilityVersion3 = 0x2008_0522;
    private const int MaxCapability = 63;

    /// <summary>Of root: what remains in every set.</summary>
    public ProcessCapabilities Keep { get; init; }

    /// <summary>Who it runs as; root has the kept capabilities, everybody else none.</summary>
    public int User { get; init; }

    /// <summary>A seccomp profile; nothing for none.</summary>
    public string? SeccompFile { get; init; }

    /// <summary>Whether the program is ended by its first call that the profile does not allow.</summary>
    public bool EndsOnRefusal { get; init; }

    /// <summary>The program and its arguments.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>The command line that does it, without the program's own.</summary>
    public static IReadOnlyList<string> Launcher(ProcessCapabilities keep, int user = 0, string? seccompFile = null, bool endsOnRefusal = false) =>
    [
        "/lab/bin/damon-lab-guest", Verb, "--keep", CapabilitySet.Format(keep), "--user", $"{user}", .. seccompFile is null ? (string[])[] : ["--seccomp", seccompFile],
        "--on-refusal", endsOnRefusal ? "end" : "error", "--",
    ];

    /// <returns>Nothing where the arguments are not understood.</returns>
    public static Confinement? Parse(IReadOnlyList<string> arguments)
    {
        var confinement = new Confinement { Command = [] };
        for (var i = 0; i < arguments.Count; i += 2)
        {
            if (arguments[i] == "--")
                return i + 1 < arguments.Count ? confinement with { Command = [.. arguments.Skip(i + 1)] } : null;
            if (i + 1 == arguments.Count)
                return null;
            switch (arguments[i])
            {
                case "--keep" when CapabilitySet.TryParse(arguments[i + 1], out var keep):
                    confinement = confinement with { Keep = keep };
                    break;
                case "--user" when int.TryParse(arguments[i + 1], out var user):
                    confinement = confinement with { User = user };
                    break;
                case "--seccomp":
                    confinement = confinement with { SeccompFile = arguments[i + 1] };
                    break;
                case "--on-refusal" when arguments[i + 1] is "end" or "error":
                    confinement = confinement with { EndsOnRefusal = arguments[i + 1] == "end" };
                    break;
                default:
                    return null;
            }
        }

        return null;
    }

    /// <summary>Becomes the program; returns only where that fails. All that it gives up is the calling thread's, which is the one that goes on.</summary>
    /// <exception cref="InvalidOperationException">The kernel refuses a step.</exception>
    public void Become(HostRoot host)
    {
        var filter = SeccompFile is null ? [] : host.ReadText(SeccompFile).TryGet(out var json)
            ? SeccompProfile.Parse(json).Compile(EndsOnRefusal)
            : throw new InvalidOperationException($"cannot read {SeccompFile}");
        for (var capability = 0; capability <= MaxCapability; capability++)
        {
            // Of numbers that this kernel does not have it says EINVAL.
            if (((ulong)Keep & (1UL << capability)) == 0 && SystemCalls.Make("prctl", DropBounding, capability) < 0)
                break;
        }

        SystemCalls.MustMake("prctl", Ambient, ClearAmbient);
        if (User != 0)
        {
            SystemCalls.MustMake("setgroups");
            SystemCalls.MustMake("setresgid", User, User, User);
            SystemCalls.MustMake("setresuid", User, User, User);
        }
        else
        {
            // Effective, permitted and inheritable: first the lower halves of all three, then the upper ones.
            var (low, high) = ((uint)Keep, (uint)((ulong)Keep >> 32));
            SystemCalls.MustMake("capset", SystemCalls.Place(CapabilityVersion3, 0u), SystemCalls.Place(low, low, 0u, high, high, 0u));
        }

        SystemCalls.MustMake("prctl", SetNoNewPrivileges, 1);
        var path = Marshal.StringToCoTaskMemUTF8(Command[0]);
        var (arguments, environment) = (SystemCalls.PlaceTexts(Command), SystemCalls.PlaceTexts(Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(entry => $"{entry.Key}={entry.Value}")));
        if (filter.Count > 0)
        {
            // struct sock_fprog: how many, and where. From here on only what the profile allows.
            var steps = SystemCalls.Place<SeccompInstruction>([.. filter]);
            SystemCalls.MustMake("prctl", SetSeccomp, FilterMode, SystemCalls.Place(filter.Count, steps));
        }

        SystemCalls.MustMake("execve", path, arguments, environment);
        throw new ExpectationException("a program that became another went on");
    }
}
