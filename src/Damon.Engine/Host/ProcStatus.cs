namespace Damon.Engine.Host;

/// <summary><c>/proc/PID/status</c> (proc_pid_status(5)), the fields used here. Sizes are bytes, 0 where the kernel writes none (a kernel thread has no Vm lines).</summary>
/// <param name="Uid">Real user id.</param>
/// <param name="EffectiveUid">Effective user id.</param>
/// <param name="PidNamespaceDepth">How many pid namespaces, from the reader's inwards, know the process: 1 is the reader's own, more is a container seen from outside. 0 where the kernel does not say.</param>
/// <param name="InnermostPid">Its pid as it sees itself.</param>
/// <param name="RssBytes">In memory.</param>
/// <param name="SwapBytes">In swap.</param>
/// <param name="LockedBytes">Locked in memory.</param>
/// <param name="EffectiveCapabilities">Effective capabilities, one bit each.</param>
public readonly record struct ProcStatus(
    uint Uid, uint EffectiveUid, int PidNamespaceDepth, int InnermostPid, ulong RssBytes, ulong SwapBytes, ulong LockedBytes, ulong EffectiveCapabilities)
{
    /// <summary>Reads the file.</summary>
    /// <param name="content">The whole file.</param>
    /// <param name="status">What it says.</param>
    /// <returns>False where the user ids are missing or a known field has an impossible value.</returns>
    public static bool TryParse(ReadOnlySpan<byte> content, out ProcStatus status)
    {
        status = default;
        var found = default(ProcStatus);
        var hasUid = false;
        while (ProcText.TryTakeLine(ref content, out var line))
        {
            if (!ProcText.TrySplitField(line, out var name, out var value))
            {
                continue;
            }

            ulong number = 0;
            var ok = true;
            if (name.SequenceEqual("Uid"u8))
            {
                hasUid = ok = TryTakeId(ref value, out var uid) & TryTakeId(ref value, out var effective);
                found = found with { Uid = uid, EffectiveUid = effective };
            }
            else if (name.SequenceEqual("NSpid"u8))
            {
                var depth = 0;
                var innermost = 0;
                while (ok && ProcText.TryTakeWord(ref value, out var word))
                {
                    ok = ProcText.TryParsePid(word, out innermost);
                    depth++;
                }

                found = found with { PidNamespaceDepth = depth, InnermostPid = innermost };
            }
            else if (name.SequenceEqual("VmRSS"u8))
            {
                ok = ProcText.TryParseKilobytes(value, out number);
                found = found with { RssBytes = number };
            }
            else if (name.SequenceEqual("VmSwap"u8))
            {
                ok = ProcText.TryParseKilobytes(value, out number);
                found = found with { SwapBytes = number };
            }
            else if (name.SequenceEqual("VmLck"u8))
            {
                ok = ProcText.TryParseKilobytes(value, out number);
                found = found with { LockedBytes = number };
            }
            else if (name.SequenceEqual("CapEff"u8))
            {
                ok = ProcText.TryTakeWord(ref value, out var word) && ProcText.TryParseHex(word, out number);
                found = found with { EffectiveCapabilities = number };
            }

            if (!ok)
            {
                return false;
            }
        }

        status = hasUid ? found : default;
        return hasUid;
    }

    private static bool TryTakeId(ref ReadOnlySpan<byte> text, out uint id)
    {
        var ok = ProcText.TryTakeWord(ref text, out var word) & ProcText.TryParseNumber(word, out var number);
        ok &= number <= uint.MaxValue;
        id = ok ? (uint)number : 0;
        return ok;
    }
}
