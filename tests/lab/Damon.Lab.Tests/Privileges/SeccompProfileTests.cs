using System.Text.RegularExpressions;
using Damon.Lab.Guest.Privileges;
using Damon.Testing;

namespace Damon.Lab.Tests.Privileges;

/// <summary>The shipped profile: what the product calls is in it, what nobody needs is not, and the filter made of it says the same. That programs run under it is tested inside the lab.</summary>
public partial class SeccompProfileTests
{
    private const string Path = "deploy/seccomp/damon-agent.json";
    private const uint Arm64 = 0xc000_00b7;
    private const uint NoSuchCall = 38;

    /// <summary>What the C libraries (glibc, musl) make of the functions that the product's interop calls; a function that is not here fails the test.</summary>
    private static readonly Dictionary<string, string[]> CallsOf = new(StringComparer.Ordinal)
    {
        ["open"] = ["open", "openat"],
        ["close"] = ["close"],
        ["pread"] = ["pread64"],
        ["pwrite"] = ["pwrite64"],
        ["stat"] = ["stat", "newfstatat"],
        ["access"] = ["access", "faccessat"],
        ["fsync"] = ["fsync"],
        ["geteuid"] = ["geteuid"],
        ["getpid"] = ["getpid"],
        ["getppid"] = ["getppid"],
        ["madvise"] = ["madvise"],
        ["sysconf"] = [],
        ["clock_gettime"] = ["clock_gettime"],
        ["sigaction"] = ["rt_sigaction"],
    };

    private static readonly Lazy<SeccompProfile> Profile = new(() => SeccompProfile.Parse(RepositoryFiles.Text(Path)));

    [Fact]
    public void Everything_that_the_products_interop_calls_is_allowed()
    {
        var allowed = Profile.Value.Rules.Where(rule => rule.Conditions.Count == 0).SelectMany(rule => rule.Names).ToHashSet(StringComparer.Ordinal);
        var sources = RepositoryFiles.Names("src/Damon.Engine/Interop").Select(name => RepositoryFiles.Text($"src/Damon.Engine/Interop/{name}")).ToList();
        var functions = sources.SelectMany(source => Function().Matches(source)).Select(match => match.Groups["name"].Value).Distinct(StringComparer.Ordinal).Where(name => name != "syscall").ToList();
        var numbered = sources.SelectMany(source => Numbered().Matches(source)).Select(match => SnakeCase().Replace(match.Groups["name"].Value, "_$0").TrimStart('_').ToLowerInvariant())
            .Select(name => name switch { "get_dents64" => "getdents64", "get_tid" => "gettid", "tg_kill" => "tgkill", _ => name }).Distinct(StringComparer.Ordinal).ToList();

        functions.Should().HaveCountGreaterThan(8).And.OnlyContain(name => CallsOf.ContainsKey(name), "the table above says what each becomes");
        numbered.Should().HaveCountGreaterThan(5);
        functions.SelectMany(name => CallsOf[name]).Concat(numbered).Should().OnlyContain(name => allowed.Contains(name));
    }

    [Fact]
    public void What_would_let_an_intruder_out_is_not_allowed()
    {
        string[] never =
        [
            "bpf", "clone3", "delete_module", "finit_module", "fsmount", "fsopen", "init_module", "io_uring_enter", "io_uring_register", "io_uring_setup", "kexec_load", "keyctl", "mount", "move_mount",
            "open_by_handle_at", "open_tree", "perf_event_open", "pivot_root", "process_vm_readv", "process_vm_writev", "ptrace", "setns", "umount2", "unshare", "userfaultfd",
        ];
        never.Should().OnlyContain(name => Run(name, 0, SeccompProfile.X64) == (SeccompProfile.Refuse | NoSuchCall));
    }

    [Fact]
    public void No_name_stands_twice_and_all_are_known()
    {
        var names = Profile.Value.Rules.Where(rule => rule.Conditions.Count == 0).SelectMany(rule => rule.Names).ToList();

        names.Should().OnlyHaveUniqueItems();
        Profile.Value.Rules.SelectMany(rule => rule.Names).Should().OnlyContain(name => SystemCallNumbers.Names.Contains(name));
        Profile.Value.Architectures.Should().Equal("SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64");
    }

    [Fact]
    public void The_filter_allows_exactly_the_calls_of_the_profile()
    {
        var allowed = Profile.Value.Rules.Where(rule => rule.Conditions.Count == 0).SelectMany(rule => rule.Names).ToHashSet(StringComparer.Ordinal);
        foreach (var name in SystemCallNumbers.Names.Where(name => name is not ("clone" or "socket")))
        {
            Run(name).Should().Be(allowed.Contains(name) ? SeccompProfile.Allow : SeccompProfile.Refuse | NoSuchCall, name);
        }
    }

    [Fact]
    public void The_strict_filter_ends_who_calls_what_is_not_allowed_and_lets_libraries_do_without_clone3()
    {
        string[] refused = [.. SystemCallNumbers.Names.Where(name => Run(name) == (SeccompProfile.Refuse | NoSuchCall))];
        refused.Should().HaveCountGreaterThan(20).And.Contain("clone3");
        foreach (var name in SystemCallNumbers.Names)
        {
            Run(name, endsProcess: true).Should().Be(name == "clone3" || !refused.Contains(name) ? Run(name) : SeccompProfile.KillProcess, name);
        }
    }

    // The lower 32 bits of the first argument. CLONE_VM is 0x100, CLONE_THREAD 0x10000, CLONE_NEWNS 0x20000, CLONE_NEWUSER 0x10000000.
    [Theory]
    [InlineData("clone", 0x003d0f00UL, true)]
    [InlineData("clone", 0x00000011UL, true)]
    [InlineData("clone", 0x00020011UL, false)]
    [InlineData("clone", 0x10000011UL, false)]
    [InlineData("socket", 1UL, true)]
    [InlineData("socket", 2UL, true)]
    [InlineData("socket", 10UL, true)]
    [InlineData("socket", 16UL, true)]
    [InlineData("socket", 17UL, false)]
    [InlineData("socket", 38UL, false)]
    public void Arguments_decide_where_the_profile_says_so(string name, ulong first, bool allowed) =>
        Run(name, first).Should().Be(allowed ? SeccompProfile.Allow : SeccompProfile.Refuse | NoSuchCall);

    [Fact]
    public void Another_architecture_is_ended() => Run("read", architecture: Arm64).Should().Be(SeccompProfile.KillProcess);

    [Theory]
    [InlineData("""{"defaultAction": "SCMP_ACT_ALLOW", "defaultErrnoRet": 1, "architectures": [], "syscalls": []}""")]
    [InlineData("""{"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 1, "architectures": [], "syscalls": [], "flags": []}""")]
    [InlineData("""{"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 1, "architectures": [], "syscalls": [{"names": ["read"], "action": "SCMP_ACT_LOG"}]}""")]
    [InlineData("""{"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 1, "architectures": [], "syscalls": [{"names": ["read"], "action": "SCMP_ACT_ALLOW", "includes": {}}]}""")]
    [InlineData("""{"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 1, "architectures": [], "syscalls": [{"names": ["read"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 1, "op": "SCMP_CMP_GT"}]}]}""")]
    public void What_the_filter_would_not_do_is_refused(string json) => FluentActions.Invoking(() => SeccompProfile.Parse(json)).Should().Throw<FormatException>();

    /// <summary>Carries the filter out as the kernel does.</summary>
    private static uint Run(string name, ulong first = 0, uint architecture = SeccompProfile.X64, bool endsProcess = false)
    {
        var program = Profile.Value.Compile(endsProcess);
        var word = 0U;
        for (var i = 0; ; i++)
        {
            var step = program[i];
            switch (step.Code)
            {
                case SeccompInstruction.Load:
                    word = step.Operand switch
                    {
                        SeccompProfile.NumberOffset => (uint)SystemCallNumbers.Of(name),
                        SeccompProfile.ArchitectureOffset => architecture,
                        var offset => offset == SeccompProfile.ArgumentOffset(0) ? (uint)first : throw new InvalidOperationException($"offset {offset}"),
                    };
                    break;
                case SeccompInstruction.And:
                    word &= step.Operand;
                    break;
                case SeccompInstruction.SkipIfEqual:
                    i += word == step.Operand ? step.IfTrue : step.IfFalse;
                    break;
                default:
                    return step.Operand;
            }
        }
    }

    [GeneratedRegex(@"\bLibC\.(?<name>[a-z_0-9]+)\(|EntryPoint = ""(?<name>\w+)""", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Function();

    [GeneratedRegex(@"\bSystemCallNumber\.(?<name>\w+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Numbered();

    [GeneratedRegex("[A-Z]", RegexOptions.None, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex SnakeCase();
}
