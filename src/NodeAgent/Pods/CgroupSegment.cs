using System.Buffers;

namespace Damon.NodeAgent.Pods;

/// <summary>What one name of a control group's path says. Names are met in the control group tree and in /proc, where anyone who was given a group of their own may write some.</summary>
internal static class CgroupSegment
{
    private const string Slice = ".slice";
    private const string Scope = ".scope";
    private const string Pod = "pod";

    /// <summary>A uid has 36 characters, the hash that names a static pod 32. Shorter ones are ordinary words: podruntime.slice is no pod's.</summary>
    private const int MinUidLength = 32;

    private static readonly SearchValues<char> UidCharacters = SearchValues.Create("0123456789abcdefABCDEF-");

    /// <summary>
    /// The container's id in a name: <c>ID</c>, <c>crio-ID</c>, <c>docker-ID.scope</c>, and <c>….slice:cri-containerd:ID</c>, which a runtime makes that was set to cgroupfs while the kubelet
    /// was set to systemd. The groups of monitors (<c>crio-conmon-ID</c>, <c>libpod-conmon-ID</c>) bear a container's id too, but hold the process that watches over it.
    /// </summary>
    /// <returns>False where the name can be no container's; true does not say that there is such a container.</returns>
    public static bool TryGetContainerId(ReadOnlySpan<char> segment, out ReadOnlySpan<char> id)
    {
        id = segment.EndsWith(Scope, StringComparison.Ordinal) ? segment[..^Scope.Length] : segment;
        var separator = id.LastIndexOfAny('-', ':');
        var prefix = separator < 0 ? default : id[..separator];
        id = id[(separator + 1)..];
        return !id.IsEmpty && !prefix.EndsWith("conmon", StringComparison.Ordinal);
    }

    /// <summary>Whether a name is that of a container's group.</summary>
    public static bool NamesContainer(ReadOnlySpan<char> segment, string containerId) => TryGetContainerId(segment, out var id) && id.SequenceEqual(containerId);

    /// <summary>The pod's uid in a name: <c>podUID</c>, <c>kubepods-burstable-podUID.slice</c> with underscores, and the same in front of <c>:cri-containerd:ID</c>.</summary>
    /// <param name="segment">The name.</param>
    /// <param name="uid">The uid with hyphens.</param>
    public static bool TryGetPodUid(ReadOnlySpan<char> segment, out string uid)
    {
        uid = "";
        var slice = segment.IndexOf(Slice, StringComparison.Ordinal);
        if (slice >= 0)
        {
            // In a slice's name hyphens separate levels, so a uid in it has none.
            segment = segment[..slice];
            segment = segment[(segment.LastIndexOf('-') + 1)..];
        }

        if (!segment.StartsWith(Pod, StringComparison.Ordinal) || segment.Length < Pod.Length + MinUidLength)
        {
            return false;
        }

        var text = Canonical(segment[Pod.Length..]);
        if (text.AsSpan().ContainsAnyExcept(UidCharacters))
        {
            return false;
        }

        uid = text;
        return true;
    }

    /// <summary>A uid in the one spelling by which uids are compared here.</summary>
    public static string Canonical(ReadOnlySpan<char> uid) => uid.ToString().Replace('_', '-');

    /// <summary>Whether a text may become part of a group's name: a path made of it stays where it should.</summary>
    public static bool IsPlainUid(string uid) => uid.Length is > 0 and <= 128 && uid.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
}
