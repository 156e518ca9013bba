using Damon.Engine.Host;

namespace Damon.Engine.KernelDamon;

/// <summary>
/// The port to the files of the kernel's DAMON. Paths are relative to <c>/sys/kernel/mm/damon/admin</c>, such as <c>kdamonds/0/state</c>. Calls may block for as long as
/// the kernel does (a command is carried out between two samples), so they belong on one thread of their own.
/// </summary>
public interface IDamonTree
{
    /// <summary>Whether a file or directory is there. Features are probed by this, never by the kernel's version: distributions backport.</summary>
    /// <param name="path">Relative path.</param>
    bool Exists(string path);

    /// <summary>Reads a file.</summary>
    /// <param name="path">Relative path.</param>
    /// <returns>The text without its newline; <see cref="HostErrorKind.Busy"/> where another writer holds the interface's lock.</returns>
    HostResult<string> Read(string path);

    /// <summary>Writes a file in one call.</summary>
    /// <param name="path">Relative path.</param>
    /// <param name="text">The value, without a newline.</param>
    /// <returns>Bytes written, or the kernel's error with its errno.</returns>
    HostResult<int> Write(string path, string text);

    /// <summary>Names of what is in a directory, in no order.</summary>
    /// <param name="path">Relative path.</param>
    HostResult<IReadOnlyList<string>> List(string path);

    /// <summary>Which folder is at a path: the kernel gives a folder that was removed and made anew another number.</summary>
    /// <param name="path">Relative path.</param>
    /// <returns>Unsupported where the tree has no such numbers: then a folder is not proven to be the same one.</returns>
    HostResult<FileIdentity> Identify(string path) => new HostError(HostErrorKind.Unsupported, path, "this tree does not number its folders");
}
