using System.Buffers;

namespace Damon.NodeAgent.Pods;

/// <summary>A container's id as its runtime gave it.</summary>
/// <param name="Runtime">Which runtime.</param>
/// <param name="Id">The id: 64 hexadecimal digits with the known runtimes.</param>
internal readonly record struct RuntimeContainerId(ContainerRuntime Runtime, string Id)
{
    private const int MaxLength = 128;

    private static readonly SearchValues<char> IdCharacters = SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>Reads status.containerID.</summary>
    /// <param name="text">For example <c>cri-o://4f0c…</c>.</param>
    /// <param name="id">What it says.</param>
    /// <returns>False where it is not of this form. The id becomes part of a path, so nothing but letters and digits is taken: a status cannot lead out of the tree.</returns>
    public static bool TryParse(string text, out RuntimeContainerId id)
    {
        id = default;
        var separator = text.IndexOf("://", StringComparison.Ordinal);
        if (separator <= 0)
        {
            return false;
        }

        var scheme = text.AsSpan(0, separator);
        var rest = text.AsSpan(separator + 3);
        if (rest.IsEmpty || rest.Length > MaxLength || rest.ContainsAnyExcept(IdCharacters))
        {
            return false;
        }

        var runtime = scheme switch
        {
            "containerd" => ContainerRuntime.Containerd,
            "cri-o" => ContainerRuntime.CriO,
            "docker" => ContainerRuntime.Docker,
            _ => ContainerRuntime.Other,
        };
        id = new RuntimeContainerId(runtime, rest.ToString());
        return true;
    }
}
