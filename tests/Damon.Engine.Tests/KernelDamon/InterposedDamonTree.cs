using Damon.Engine.Host;
using Damon.Engine.KernelDamon;

namespace Damon.Engine.Tests.KernelDamon;

/// <summary>A tree that somebody stands in front of: single accesses end as a test says.</summary>
internal sealed class InterposedDamonTree(IDamonTree tree) : IDamonTree
{
    /// <summary>What a read gives instead; null leaves it as it is.</summary>
    public Func<string, HostResult<string>?> OnRead { get; set; } = _ => null;

    /// <summary>How a write ends instead; null leaves it as it is.</summary>
    public Func<string, string, HostError?> OnWrite { get; set; } = (_, _) => null;

    /// <summary>The whole interface is gone.</summary>
    public bool IsGone { get; set; }

    public bool Exists(string path) => !IsGone && tree.Exists(path);

    public HostResult<string> Read(string path) => IsGone ? Gone(path) : OnRead(path) ?? tree.Read(path);

    public HostResult<int> Write(string path, string text) => IsGone ? Gone(path) : OnWrite(path, text) is { } error ? error : tree.Write(path, text);

    public HostResult<IReadOnlyList<string>> List(string path) => IsGone ? Gone(path) : tree.List(path);

    public HostResult<FileIdentity> Identify(string path) => IsGone ? Gone(path) : tree.Identify(path);

    public static HostError Gone(string path) => new(HostErrorKind.Vanished, path, "", 2);
}
