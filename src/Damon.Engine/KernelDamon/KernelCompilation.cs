namespace Damon.Engine.KernelDamon;

/// <summary>What became of a scheme on its way to the kernel.</summary>
/// <param name="Scheme">As the kernel takes it, without budget and lease where it enforces; null where it is not carried out.</param>
/// <param name="Reason">Why it is not, or why it only counts.</param>
/// <param name="Message">The same for people; empty where it is carried out.</param>
public sealed record KernelCompilation(KernelScheme? Scheme, KernelSchemeReason Reason, string Message)
{
    /// <summary>Whether the kernel is to change memory: then it runs by leases only.</summary>
    public bool Enforces => Scheme is not null && Reason == KernelSchemeReason.None;
}
