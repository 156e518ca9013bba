using System.Diagnostics.CodeAnalysis;

namespace Damon.Testing.ControlPlane.Servers;

/// <summary>The programs of a control plane, in the folder that KUBEBUILDER_ASSETS names (the convention of controller-runtime's envtest).</summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "Programs of the tests, not of the host.")]
public static class ControlPlaneAssets
{
    public const string Etcd = "etcd";

    /// <summary>Built-in kinds, authentication, authorization: whatever version is there.</summary>
    public const string KubeApiServer = "kube-apiserver";

    /// <summary>The stand-alone server of custom resources of a current Kubernetes, where kube-apiserver is too old for rules in definitions.</summary>
    public const string CustomResourceServer = "crdserver";

    /// <summary>The folder, or null.</summary>
    public static string? Folder => Environment.GetEnvironmentVariable("KUBEBUILDER_ASSETS") is { Length: > 0 } folder ? Path.GetFullPath(folder) : null;

    /// <summary>kubectl, beside the servers or on PATH; null where there is none.</summary>
    public static string? Kubectl =>
        (Folder is null ? [] : (string[])[Folder]).Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries))
            .Select(folder => Path.Combine(folder, "kubectl"))
            .FirstOrDefault(File.Exists);

    /// <summary>Why these programs cannot be run, or null. etcd is always needed.</summary>
    public static string? WhyNot(params string[] programs)
    {
        if (Folder is null)
            return "KUBEBUILDER_ASSETS is not set: the control-plane tier needs etcd and kube-apiserver. 'eng/control-plane-assets' says how to get them.";
        string[] missing = [.. programs.Prepend(Etcd).Distinct().Where(name => !Has(name))];
        return missing.Length == 0 ? null : $"KUBEBUILDER_ASSETS ({Folder}) has no {string.Join(" and no ", missing)}.";
    }

    public static bool Has(string program) => Folder is not null && File.Exists(PathOf(program));

    public static string PathOf(string program) => Path.Combine(Folder ?? throw new InvalidOperationException(WhyNot()), program);
}
