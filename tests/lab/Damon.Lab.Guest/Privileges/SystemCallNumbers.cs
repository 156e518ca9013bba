using System.Globalization;

namespace Damon.Lab.Guest.Privileges;

/// <summary>Numbers of system calls on x86-64 (asm/unistd_64.h): of all that the profile allows, of some that it must not, and of those that the tests make themselves.</summary>
internal static class SystemCallNumbers
{
    private const string Table =
        """
        accept=43 accept4=288 access=21 arch_prctl=158 bind=49 bpf=321 brk=12 capget=125 capset=126 chdir=80 clock_getres=229 clock_gettime=228
        clock_nanosleep=230 clone=56 clone3=435 close=3 close_range=436 connect=42 delete_module=176 dup=32 dup2=33 dup3=292 epoll_create1=291 epoll_ctl=233
        epoll_pwait=281 epoll_wait=232 eventfd2=290 execve=59 exit=60 exit_group=231 faccessat=269 faccessat2=439 fadvise64=221 fallocate=285 fchdir=81
        fchmod=91 fchmodat=268 fchown=93 fcntl=72 fdatasync=75 finit_module=313 flock=73 fsmount=432 fsopen=430 fstat=5 fstatfs=138 fsync=74 ftruncate=77
        futex=202 get_mempolicy=239 get_robust_list=274 getcwd=79 getdents64=217 getegid=108 geteuid=107 getgid=104 getpeername=52 getpid=39 getppid=110
        getrandom=318 getresgid=120 getresuid=118 getrlimit=97 getrusage=98 getsockname=51 getsockopt=55 gettid=186 gettimeofday=96 getuid=102 init_module=175
        io_uring_enter=426 io_uring_register=427 io_uring_setup=425 ioctl=16 kexec_load=246 keyctl=250 kill=62 listen=50 lseek=8 lstat=6 madvise=28 mbind=237
        membarrier=324 mkdir=83 mkdirat=258 mmap=9 mount=165 move_mount=429 move_pages=279 mprotect=10 mremap=25 munmap=11 nanosleep=35 newfstatat=262 open=2
        open_by_handle_at=304 open_tree=428 openat=257 openat2=437 perf_event_open=298 pidfd_open=434 pidfd_send_signal=424 pipe2=293 pivot_root=155 poll=7
        ppoll=271 prctl=157 pread64=17 preadv=295 prlimit64=302 process_madvise=440 process_vm_readv=310 process_vm_writev=311 ptrace=101 pwrite64=18
        pwritev=296 read=0 readlink=89 readlinkat=267 readv=19 recvfrom=45 recvmmsg=299 recvmsg=47 rename=82 renameat=264 renameat2=316 restart_syscall=219
        rmdir=84 rseq=334 rt_sigaction=13 rt_sigprocmask=14 rt_sigreturn=15 rt_sigsuspend=130 rt_sigtimedwait=128 sched_getaffinity=204 sched_getparam=143
        sched_getscheduler=145 sched_setaffinity=203 sched_yield=24 sendmmsg=307 sendmsg=46 sendto=44 set_robust_list=273 set_tid_address=218 setgid=106
        setgroups=116 setns=308 setresgid=119 setresuid=117 setsockopt=54 setuid=105 shutdown=48 sigaltstack=131 socket=41 socketpair=53 stat=4 statfs=137
        statx=332 sysinfo=99 tgkill=234 umask=95 umount2=166 uname=63 unlink=87 unlinkat=263 unshare=272 userfaultfd=323 vfork=58 wait4=61 waitid=247 write=1
        writev=20
        """;

    private static readonly Dictionary<string, int> Numbers = Table.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries)
        .Select(entry => entry.Split('='))
        .ToDictionary(entry => entry[0], entry => int.Parse(entry[1], CultureInfo.InvariantCulture), StringComparer.Ordinal);

    public static IReadOnlyCollection<string> Names => Numbers.Keys;

    /// <exception cref="FormatException">The table does not have it.</exception>
    public static int Of(string name) => Numbers.TryGetValue(name, out var number) ? number : throw new FormatException($"the system call {name} is not in the table");
}
