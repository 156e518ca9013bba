namespace Damon.Lab.Guest.Privileges;

/// <summary>System calls that a profile allows, if their arguments are as it says.</summary>
/// <param name="Names">As the kernel names them.</param>
/// <param name="Conditions">All of them must hold; none for calls that are allowed whatever their arguments.</param>
internal sealed record SeccompRule(IReadOnlyList<string> Names, IReadOnlyList<SeccompCondition> Conditions);
