using CsCheck;
using Damon.Api.Schemes;
using Damon.NodeAgent.Pods;

namespace Damon.NodeAgent.Tests.Pods;

/// <summary>Names of control groups and ids of containers, which anybody may choose: whatever they are, what is read from them can become part of a path.</summary>
public class NameFuzzTests
{
    private static readonly Gen<string> Hostile = Gen.OneOf(
        Gen.String,
        Gen.OneOf(
            "kubepods", "-kubepods", ".slice", ".scope", "pod", "crio", "-", "--", ":", "://", "containerd", "cri-containerd", "conmon", "..", "/", "_", PodRecords.Uid, PodRecords.UidWithUnderscores, PodRecords.Id, "\0", "\ud800")
            .Array[0, 9].Select(string.Concat),
        Gen.Select(Gen.Char, Gen.Int[0, 5000]).Select((c, count) => new string(c, count)));

    [Fact]
    public void A_container_s_id_in_a_name_is_a_part_of_it_without_separators() => Hostile.Sample(name =>
        !CgroupSegment.TryGetContainerId(name, out var id) || (id.Length > 0 && name.Contains(id.ToString(), StringComparison.Ordinal) && id.IndexOfAny('-', ':') < 0));

    [Fact]
    public void A_pod_s_uid_in_a_name_is_plain() => Hostile.Sample(name =>
        CgroupSegment.TryGetPodUid(name, out var uid) ? uid.Length >= 32 && CgroupSegment.Canonical(uid) == uid && !uid.Contains('/') && !uid.Contains('.') : uid.Length == 0);

    [Fact]
    public void A_runtime_s_id_has_letters_and_digits_alone() => Hostile.Sample(text =>
        RuntimeContainerId.TryParse(text, out var id) ? id.Id.Length is > 0 and <= 128 && id.Id.All(char.IsAsciiLetterOrDigit) : id == default);

    [Fact]
    public void A_kubelet_s_group_is_recognised_by_its_name_and_paths_below_it_stay_below() => Hostile.Select(Hostile).Sample((path, uid) =>
        !KubepodsRoot.TryRecognize(path, out var root)
        || (root.Path == path && (!CgroupSegment.IsPlainUid(uid) || (root.PodPath(QosClass.Burstable, uid).StartsWith(path + "/", StringComparison.Ordinal) && !root.PodPath(QosClass.Burstable, uid)[path.Length..].Contains("..", StringComparison.Ordinal)))));
}
