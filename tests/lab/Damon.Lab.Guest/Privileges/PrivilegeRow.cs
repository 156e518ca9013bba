using Damon.Engine.Machine;

namespace Damon.Lab.Guest.Privileges;

/// <summary>A deed with all that it takes.</summary>
/// <param name="Deed">Which.</param>
/// <param name="What">In words.</param>
/// <param name="Through">By which file or call.</param>
/// <param name="Needs">All of them; in the order in which the kernel asks for them.</param>
internal sealed record PrivilegeRow(Deed Deed, string What, string Through, params IReadOnlyList<PrivilegeNeed> Needs)
{
    public const string Done = "ok";

    /// <summary>What is seen where nothing is missing.</summary>
    public string Otherwise { get; init; } = Done;

    /// <summary>What is seen with these capabilities.</summary>
    /// <param name="held">These.</param>
    /// <param name="isOtherUser">Whether the process, or the file, is another user's.</param>
    /// <param name="monitorsLook">As in <see cref="PrivilegeNeed.IsMet"/>.</param>
    public string Expected(ProcessCapabilities held, bool isOtherUser, bool monitorsLook) => Needs.FirstOrDefault(need => !need.IsMet(held, isOtherUser, monitorsLook))?.Without ?? Otherwise;

    /// <summary>The row of the manual's table.</summary>
    public string ToMarkdown() => $"| {What} | {Through} | {(Needs.Count == 0 ? "–" : string.Join("; ", Needs.Select(Name)))} | {Failure()} |";

    private static string Name(PrivilegeNeed need) =>
        string.Join(" or ", CapabilitySet.Of(need.AnyOf).Select(capability => $"`{CapabilitySet.NameOf(capability)}`")) + (need.OtherUsersOnly ? " ¹" : "") + (need.IsToLook ? " ²" : "");

    private string Failure() => Needs.Count > 0
        ? string.Join("; ", Needs.Select(need => need.IsSilent ? $"**silent**: {need.Without}" : need.Without))
        : Otherwise == Done ? "–" : $"{Otherwise}, whatever is held";
}
