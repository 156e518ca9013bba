using System.Globalization;
using Damon.NodeAgent.Tests.Agent;
using Damon.NodeAgent.Tests.Ledger;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

namespace Damon.NodeAgent.Tests;

/// <summary>The entry of these tests, which is also that of processes that some of them start and kill: what runs tests takes longer to start than that process lives.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        switch (args)
        {
            case [KilledLoop.Verb, var folder, var seed]:
#pragma warning disable RS0030 // A process of its own.
                return KilledLoop.Run(folder, ulong.Parse(seed, CultureInfo.InvariantCulture), Console.In, Console.Out);
#pragma warning restore RS0030
            case [LedgerWriter.Verb, var folder]:
                LedgerWriter.Run(folder);
                return 1;
            case [MemoryUser.Verb, var folder]:
                MemoryUser.Run(folder);
                return 1;
        }

        // As the runner's own entry does it.
        return args.Any(static arg => arg is "--server" or "--internal-msbuild-node")
            ? await TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions)
            : await ConsoleRunner.Run(args);
    }
}
