namespace Damon.Lab.Guest.Privileges;

/// <summary>A condition on an argument: what remains of it under the mask is the value.</summary>
/// <param name="Argument">Which one, from 0.</param>
/// <param name="Mask">All bits where the profile asks for equality. Only the lower 32 bits are looked at, which is all that the profile's arguments have.</param>
/// <param name="Value">What must remain.</param>
internal readonly record struct SeccompCondition(int Argument, uint Mask, uint Value);
