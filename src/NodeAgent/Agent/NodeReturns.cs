using Damon.Engine.Host;

namespace Damon.NodeAgent.Agent;

/// <summary>
/// Keeps account of what was taken from each container and is still gone. What came back is what the container's own counters say since the first time (workingset_refault_anon and _file of memory.stat), whoever
/// took it: what is told to be away is never too much for that reason. Swap that was given up, because a process ended, is not away, either.
/// </summary>
/// <param name="host">The host.</param>
/// <param name="time">The clock.</param>
/// <param name="pageBytes">The size of a page.</param>
internal sealed class NodeReturns(HostRoot host, TimeProvider time, ulong pageBytes)
{
    private static readonly TimeSpan ReadEvery = TimeSpan.FromSeconds(10);

    private readonly HostReader _reader = new(maxBytes: 256 * 1024);
    private readonly Dictionary<string, Account> _accounts = new(StringComparer.Ordinal);

    /// <summary>What had come back when the account ended, by scheme: a count that never falls.</summary>
    private readonly Dictionary<string, ulong> _returnedBefore = new(StringComparer.Ordinal);
    private long? _readAt;

    /// <summary>Takes in what was taken.</summary>
    /// <param name="effect">What, and from whom.</param>
    /// <param name="target">The container.</param>
    public void Add(in NodeEffect effect, in NodeTarget target)
    {
        // Of one container one scheme takes memory. Where it is another one's now, what the first one took cannot be told apart any more.
        if (!_accounts.TryGetValue(effect.RuntimeId, out var account) || account.Scheme != effect.Scheme)
        {
            Close(effect.RuntimeId);
            _accounts[effect.RuntimeId] = account = new Account(effect.Scheme, target);
            (account.AnonymousAtFirst, account.FileAtFirst) = TryRead(target, out var stat) ? (stat.RefaultsAnon, stat.RefaultsFile) : (0, 0);
        }

        account.Swapped += effect.SwappedBytes;
        account.Other += effect.OtherBytes;
        account.AwayBytes += effect.TotalBytes;
    }

    /// <summary>Looks what has come back, now and then.</summary>
    public void Refresh()
    {
        if (_readAt is { } at && time.GetElapsedTime(at) < ReadEvery)
        {
            return;
        }

        _readAt = time.GetTimestamp();
        foreach (var (runtimeId, account) in _accounts)
        {
            // One that is gone has no memory, so nothing of it is away.
            if (!TryRead(account.Target, out var stat))
            {
                Close(runtimeId);
                continue;
            }

            var anonymous = Math.Min(account.Swapped, (stat.RefaultsAnon - Math.Min(stat.RefaultsAnon, account.AnonymousAtFirst)) * pageBytes);
            var file = Math.Min(account.Other, (stat.RefaultsFile - Math.Min(stat.RefaultsFile, account.FileAtFirst)) * pageBytes);
            var inSwap = host.Read(account.Target.Group.Directory + "/memory.swap.current", _reader).IsOk && CgroupValue.TryParse(_reader.Content, out var bytes) ? bytes : ulong.MaxValue;
            account.ReturnedBytes = anonymous + file;
            account.AwayBytes = Math.Min(account.Swapped - anonymous, inSwap) + account.Other - file;
        }
    }

    /// <summary>What a scheme took that is still gone, and what has come back.</summary>
    public (ulong AwayBytes, ulong ReturnedBytes) Of(string scheme)
    {
        var (away, returned) = (0UL, _returnedBefore.GetValueOrDefault(scheme));
        foreach (var account in _accounts.Values)
        {
            if (account.Scheme == scheme)
            {
                (away, returned) = (away + account.AwayBytes, returned + account.ReturnedBytes);
            }
        }

        return (away, returned);
    }

    private void Close(string runtimeId)
    {
        if (_accounts.Remove(runtimeId, out var account))
        {
            _returnedBefore[account.Scheme] = _returnedBefore.GetValueOrDefault(account.Scheme) + account.ReturnedBytes;
        }
    }

    private bool TryRead(in NodeTarget target, out CgroupMemoryStat stat)
    {
        stat = default;
        return host.Identify(target.Group.Directory).TryGet(out var identity) && identity == target.Group.File
            && host.Read(target.Group.Directory + "/memory.stat", _reader).IsOk && CgroupMemoryStat.TryParse(_reader.Content, out stat);
    }

    private sealed class Account(string scheme, NodeTarget target)
    {
        public string Scheme => scheme;

        public NodeTarget Target => target;

        public ulong AnonymousAtFirst { get; set; }

        public ulong FileAtFirst { get; set; }

        public ulong Swapped { get; set; }

        public ulong Other { get; set; }

        public ulong AwayBytes { get; set; }

        public ulong ReturnedBytes { get; set; }
    }
}
