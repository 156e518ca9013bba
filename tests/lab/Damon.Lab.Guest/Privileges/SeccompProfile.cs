using System.Text.Json;

namespace Damon.Lab.Guest.Privileges;

/// <summary>A profile as container runtimes read it (the OCI runtime specification), as far as ours goes: calls that are allowed, an error for all others. What it does not know it refuses.</summary>
/// <param name="DefaultErrno">The error of a call that is not allowed.</param>
/// <param name="Architectures">Those it is for.</param>
/// <param name="Rules">What is allowed.</param>
internal sealed record SeccompProfile(int DefaultErrno, IReadOnlyList<string> Architectures, IReadOnlyList<SeccompRule> Rules)
{
    // linux/seccomp.h and linux/audit.h.
    public const uint Allow = 0x7fff_0000;
    public const uint Refuse = 0x0005_0000;
    public const uint KillProcess = 0x8000_0000;
    public const uint X64 = 0xc000_003e;

    // Offsets in struct seccomp_data: the number, the architecture, the instruction's address, six arguments of eight bytes.
    public const int NumberOffset = 0;
    public const int ArchitectureOffset = 4;
    private const int ArgumentsOffset = 16;

    /// <summary>Reads one.</summary>
    /// <exception cref="FormatException">It has something that is not known here.</exception>
    public static SeccompProfile Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        Know(root, "defaultAction", "defaultErrnoRet", "architectures", "syscalls");
        if (root.GetProperty("defaultAction").GetString() != "SCMP_ACT_ERRNO")
            throw new FormatException("calls that are not listed must fail");
        return new SeccompProfile(
            root.GetProperty("defaultErrnoRet").GetInt32(),
            [.. root.GetProperty("architectures").EnumerateArray().Select(entry => entry.GetString()!)],
            [.. root.GetProperty("syscalls").EnumerateArray().Select(ParseRule)]);
    }

    /// <summary>The offset of the lower half of an argument.</summary>
    public static int ArgumentOffset(int argument) => ArgumentsOffset + (argument * sizeof(ulong));

    /// <summary>The filter that a runtime makes of it, for x86-64.</summary>
    /// <param name="endsProcess">Whether who makes a call that is not allowed is ended, instead of being told so, which a program may pass over in silence. Of clone3 everybody is told: C libraries then use clone.</param>
    public IReadOnlyList<SeccompInstruction> Compile(bool endsProcess = false)
    {
        var refuse = Refuse | (uint)DefaultErrno;
        var program = new List<SeccompInstruction>
        {
            new(SeccompInstruction.Load, 0, 0, ArchitectureOffset),
            new(SeccompInstruction.SkipIfEqual, 1, 0, X64),
            new(SeccompInstruction.Return, 0, 0, KillProcess),
            new(SeccompInstruction.Load, 0, 0, NumberOffset),
        };
        foreach (var rule in Rules)
        {
            foreach (var number in rule.Names.Select(SystemCallNumbers.Of))
            {
                // Three steps for each condition, then the answer, and the number again for the rules after it.
                program.Add(new(SeccompInstruction.SkipIfEqual, 0, (byte)((rule.Conditions.Count * 3) + 2), (uint)number));
                for (var i = 0; i < rule.Conditions.Count; i++)
                {
                    program.Add(new(SeccompInstruction.Load, 0, 0, (uint)ArgumentOffset(rule.Conditions[i].Argument)));
                    program.Add(new(SeccompInstruction.And, 0, 0, rule.Conditions[i].Mask));
                    program.Add(new(SeccompInstruction.SkipIfEqual, 0, (byte)(((rule.Conditions.Count - i - 1) * 3) + 1), rule.Conditions[i].Value));
                }

                program.Add(new(SeccompInstruction.Return, 0, 0, Allow));
                program.Add(new(SeccompInstruction.Load, 0, 0, NumberOffset));
            }
        }

        if (endsProcess)
        {
            program.Add(new(SeccompInstruction.SkipIfEqual, 0, 1, (uint)SystemCallNumbers.Of("clone3")));
            program.Add(new(SeccompInstruction.Return, 0, 0, refuse));
        }

        program.Add(new(SeccompInstruction.Return, 0, 0, endsProcess ? KillProcess : refuse));
        return program;
    }

    private static SeccompRule ParseRule(JsonElement rule)
    {
        Know(rule, "comment", "names", "action", "args");
        if (rule.GetProperty("action").GetString() != "SCMP_ACT_ALLOW")
            throw new FormatException("a list of what is allowed has nothing else");
        return new SeccompRule(
            [.. rule.GetProperty("names").EnumerateArray().Select(name => name.GetString()!)],
            rule.TryGetProperty("args", out var conditions) ? [.. conditions.EnumerateArray().Select(ParseCondition)] : []);
    }

    private static SeccompCondition ParseCondition(JsonElement condition)
    {
        Know(condition, "index", "value", "valueTwo", "op");
        var (index, value) = (condition.GetProperty("index").GetInt32(), condition.GetProperty("value").GetUInt32());
        return condition.GetProperty("op").GetString() switch
        {
            "SCMP_CMP_EQ" => new SeccompCondition(index, uint.MaxValue, value),
            "SCMP_CMP_MASKED_EQ" => new SeccompCondition(index, value, condition.GetProperty("valueTwo").GetUInt32()),
            var other => throw new FormatException($"{other} is not known"),
        };
    }

    private static void Know(JsonElement element, params string[] names)
    {
        if (element.EnumerateObject().FirstOrDefault(property => !names.Contains(property.Name)) is { Value.ValueKind: not JsonValueKind.Undefined } unknown)
            throw new FormatException($"{unknown.Name} is not known");
    }
}
