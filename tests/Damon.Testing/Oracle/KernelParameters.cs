using Damon.Engine.KernelDamon;

namespace Damon.Testing.Oracle;

/// <summary>What a kdamond is told, as its files say: by path below its folder. Files that report, and commands, are no parameters.</summary>
public static class KernelParameters
{
    private static readonly HashSet<string> Reports = new(StringComparer.Ordinal)
    {
        "pid", "state", "avail_operations", "effective_bytes", "tried_regions",
        "nr_tried", "sz_tried", "nr_applied", "sz_applied", "sz_ops_filter_passed", "qt_exceeds", "nr_snapshots",
    };

    /// <summary>Reads all of them back.</summary>
    /// <param name="tree">The files.</param>
    /// <param name="kdamond">Whose.</param>
    /// <exception cref="InvalidOperationException">A file or folder cannot be read.</exception>
    public static IReadOnlyDictionary<string, string> KernelParametersOf(IDamonTree tree, int kdamond)
    {
        var parameters = new SortedDictionary<string, string>(StringComparer.Ordinal);
        Read(tree, $"kdamonds/{kdamond}", "", parameters);
        return parameters;
    }

    /// <summary>
    /// What a new folder of the kernel's holds in a file, so in one that nobody writes. A file that is not known here is an error: what it means for the comparison has to be
    /// thought about first.
    /// </summary>
    /// <param name="path">Below the kdamond's folder.</param>
    public static string DefaultOf(string path)
    {
        var general = string.Join('/', path.Split('/').Select(part => part.All(char.IsAsciiDigit) ? "*" : part));
        return Array.Find(ParameterFile.All, file => file.Path == general)?.Default ?? throw new InvalidOperationException($"No kernel is known to have a file {path}.");
    }

    private static void Read(IDamonTree tree, string folder, string prefix, SortedDictionary<string, string> parameters)
    {
        if (!tree.List(folder).TryGet(out var names))
        {
            throw new InvalidOperationException($"{folder} is not there.");
        }

        foreach (var name in names.Where(name => !Reports.Contains(name)))
        {
            var path = $"{folder}/{name}";

            // A file cannot be listed.
            if (tree.List(path).IsOk)
            {
                Read(tree, path, $"{prefix}{name}/", parameters);
            }
            else
            {
                var read = tree.Read(path);
                parameters.Add(prefix + name, read.TryGet(out var value) ? value : throw new InvalidOperationException($"{path}: {read.Error}"));
            }
        }
    }
}
