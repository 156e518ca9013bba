using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Damon.Engine.Host;
using Damon.Engine.Interop;

#pragma warning disable RS0030 // Starts the C compiler, which is no process of a host under watch.

namespace Damon.Engine.Tests.Interop;

/// <summary>Compares every number and layout written down here with what the C compiler sees. Where headers are too old for a name, the number is compared with itself and listed as such.</summary>
public class NativeLayoutTests(ITestOutputHelper output)
{
    private static readonly (string Name, long Value)[] Expressions =
    [
        ("EPERM", Errno.EPERM), ("ENOENT", Errno.ENOENT), ("ESRCH", Errno.ESRCH), ("EINTR", Errno.EINTR), ("EIO", Errno.EIO), ("ENXIO", Errno.ENXIO), ("E2BIG", Errno.E2BIG),
        ("EBADF", Errno.EBADF), ("EAGAIN", Errno.EAGAIN), ("ENOMEM", Errno.ENOMEM), ("EACCES", Errno.EACCES), ("EFAULT", Errno.EFAULT), ("EBUSY", Errno.EBUSY),
        ("ENODEV", Errno.ENODEV), ("ENOTDIR", Errno.ENOTDIR), ("EINVAL", Errno.EINVAL), ("ENFILE", Errno.ENFILE), ("EMFILE", Errno.EMFILE), ("EROFS", Errno.EROFS),
        ("ENAMETOOLONG", Errno.ENAMETOOLONG), ("ENOSYS", Errno.ENOSYS), ("ELOOP", Errno.ELOOP), ("EOPNOTSUPP", Errno.EOPNOTSUPP),
        ("SYS_pidfd_send_signal", SystemCallNumber.PidfdSendSignal), ("SYS_pidfd_open", SystemCallNumber.PidfdOpen), ("SYS_process_madvise", SystemCallNumber.ProcessMadvise),
        ("SYS_getdents64", SystemCallNumber.GetDents64), ("SYS_move_pages", SystemCallNumber.MovePages),
        ("SYS_gettid", SystemCallNumber.GetTid), ("SYS_tgkill", SystemCallNumber.TgKill),
        ("sizeof(struct sigaction)", Marshal.SizeOf<SignalAction>()),
        ("offsetof(struct sigaction, sa_handler)", (long)Marshal.OffsetOf<SignalAction>(nameof(SignalAction.Handler))),
        ("offsetof(struct sigaction, sa_flags)", (long)Marshal.OffsetOf<SignalAction>(nameof(SignalAction.Flags))),
        ("MPOL_MF_MOVE", Native.MoveOwnPages), ("sizeof(void *)", sizeof(ulong)), ("sizeof(unsigned long)", sizeof(ulong)), ("sizeof(int)", sizeof(int)),
        ("MADV_WILLNEED", MemoryAdvice.WillNeed), ("MADV_COLD", MemoryAdvice.Cold), ("MADV_PAGEOUT", MemoryAdvice.PageOut), ("MADV_COLLAPSE", MemoryAdvice.Collapse),
        ("MADV_HUGEPAGE", MemoryAdvice.HugePage), ("MADV_NOHUGEPAGE", MemoryAdvice.NoHugePage),
        ("_SC_PAGESIZE", Native.ScPageSize), ("CLOCK_THREAD_CPUTIME_ID", Native.ClockThreadCpuTime), ("UIO_MAXIOV", Damon.Engine.Actions.IProcessMemoryAdvice.MaxRanges), ("PATH_MAX", 4096),
        ("DT_UNKNOWN", DirectoryEntryLayout.TypeUnknown), ("DT_DIR", DirectoryEntryLayout.TypeDirectory),
        ("sizeof(struct iovec)", Marshal.SizeOf<IoVector>()),
        ("offsetof(struct iovec, iov_base)", (long)Marshal.OffsetOf<IoVector>(nameof(IoVector.Base))),
        ("offsetof(struct iovec, iov_len)", (long)Marshal.OffsetOf<IoVector>(nameof(IoVector.Length))),
        ("offsetof(struct dirent64, d_reclen)", DirectoryEntryLayout.RecordLength),
        ("offsetof(struct dirent64, d_type)", DirectoryEntryLayout.Type),
        ("offsetof(struct dirent64, d_name)", DirectoryEntryLayout.Name),
        ("sizeof(struct timespec)", Marshal.SizeOf<TimeSpecification>()),
        ("offsetof(struct timespec, tv_nsec)", (long)Marshal.OffsetOf<TimeSpecification>(nameof(TimeSpecification.Nanoseconds))),
        ("sizeof(struct stat)", Marshal.SizeOf<Tmds.Linux.stat>()),
    ];

    [Fact]
    public async Task Every_number_and_layout_equals_the_C_compilers()
    {
        var compiler = new[] { "/usr/bin/cc", "/usr/bin/gcc", "/usr/local/bin/cc" }.FirstOrDefault(path => new HostRoot().Exists(path));
        Assert.SkipWhen(compiler is null, "No C compiler on this machine: numbers of the native boundary were not compared.");

        var folder = Directory.CreateTempSubdirectory("damon-abi-").FullName;
        try
        {
            await File.WriteAllTextAsync(folder + "/abi.c", Program(), TestContext.Current.CancellationToken);
            var (compiled, diagnostics) = await Run(compiler!, "-o", folder + "/abi", folder + "/abi.c");
            compiled.Should().Be(0, diagnostics);
            var (ran, printed) = await Run(folder + "/abi");
            ran.Should().Be(0);

            var lines = printed.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            lines.Should().HaveSameCount(Expressions);
            var wrong = lines.Select(line => line.Split('|')).Zip(Expressions)
                .Where(pair => pair.First[1] != "?" && long.Parse(pair.First[1], CultureInfo.InvariantCulture) != pair.Second.Value)
                .Select(pair => $"{pair.Second.Name}: C has {pair.First[1]}, here it is {pair.Second.Value}");
            wrong.Should().BeEmpty();
            var unknown = lines.Where(line => line.EndsWith('?')).ToArray();
            output.WriteLine($"{lines.Length - unknown.Length} compared; not in these headers: {(unknown.Length == 0 ? "none" : string.Join(", ", unknown))}");
            (lines.Length - unknown.Length).Should().BeGreaterThan(30, "old headers lack a few names at most");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Program()
    {
        var text = new StringBuilder("""
            #define _GNU_SOURCE
            #include <stddef.h>
            #include <stdio.h>
            #include <errno.h>
            #include <dirent.h>
            #include <limits.h>
            #include <signal.h>
            #include <time.h>
            #include <unistd.h>
            #include <sys/mman.h>
            #include <sys/stat.h>
            #include <sys/syscall.h>
            #include <sys/uio.h>
            #include <linux/limits.h>
            #include <linux/mempolicy.h>
            #define _SC_PAGESIZE _SC_PAGESIZE
            int main(void) {

            """);
        foreach (var (name, _) in Expressions)
        {
            var isMacro = !name.Contains('(', StringComparison.Ordinal) && !name.StartsWith("DT_", StringComparison.Ordinal);
            text.Append(isMacro ? $"#ifdef {name}\n" : "").Append(CultureInfo.InvariantCulture, $"printf(\"{name}|%ld\\n\", (long)({name}));\n");
            text.Append(isMacro ? $"#else\nprintf(\"{name}|?\\n\");\n#endif\n" : "");
        }

        return text.Append("return 0; }\n").ToString();
    }

    private static async Task<(int ExitCode, string Output)> Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var text = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, text + await error);
    }
}
