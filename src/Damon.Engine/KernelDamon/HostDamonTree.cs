using System.Text;
using Damon.Engine.Host;

namespace Damon.Engine.KernelDamon;

/// <summary>The files of a host's kernel.</summary>
/// <param name="host">The host.</param>
public sealed class HostDamonTree(HostRoot host) : IDamonTree
{
    /// <summary>Where the tree is.</summary>
    public const string Root = "/sys/kernel/mm/damon/admin";

    private const int PageBytes = 4096;

    /// <inheritdoc/>
    public bool Exists(string path) => host.Exists(Full(path));

    /// <summary>A file of sysfs is at most one page. Snapshots read thousands of them: none needs a buffer of its own.</summary>
    /// <inheritdoc/>
    public HostResult<string> Read(string path)
    {
        var full = Full(path);
        var opened = host.Open(full);
        if (!opened.TryGet(out var file))
        {
            return opened.Error;
        }

        using (file)
        {
            Span<byte> page = stackalloc byte[PageBytes];
            for (var filled = 0; filled < page.Length;)
            {
                var read = file.ReadAt(page[filled..], filled);
                if (!read.TryGet(out var count))
                {
                    return read.Error;
                }

                if (count == 0)
                {
                    return Encoding.UTF8.GetString(page[..filled].TrimEnd((byte)'\n'));
                }

                filled += count;
            }
        }

        return host.ReadText(full);
    }

    /// <inheritdoc/>
    public HostResult<int> Write(string path, string text)
    {
        var opened = host.Open(Full(path), HostFileAccess.Write);
        if (!opened.TryGet(out var file))
        {
            return opened.Error;
        }

        using (file)
        {
            return file.WriteAt(Encoding.UTF8.GetBytes(text), 0);
        }
    }

    /// <inheritdoc/>
    public HostResult<IReadOnlyList<string>> List(string path)
    {
        var entries = new List<HostDirectoryEntry>();
        var listed = host.List(Full(path), entries);
        return listed.IsOk ? entries.ConvertAll(entry => entry.Name) : listed.Error;
    }

    /// <inheritdoc/>
    public HostResult<FileIdentity> Identify(string path) => host.Identify(Full(path));

    private static string Full(string path) => $"{Root}/{path}";
}
