using System.Globalization;
using Damon.Footprint.Agent;
using Damon.Hosting.Processes;
using Damon.NodeAgent.Hosting;

#pragma warning disable RS0030 // The one place that has the console.

// damon-agent as it is, but for the probes: --look-nanoseconds N, then the agent's own flags.
if (args is not ["--look-nanoseconds", var text, .. var rest] || !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var nanoseconds))
{
    Console.Error.WriteLine("damon-footprint-agent --look-nanoseconds N [the flags of damon-agent]");
    return AgentExitCode.BadInput;
}

var look = TimeSpan.FromTicks(nanoseconds / TimeSpan.NanosecondsPerTick);
return await AgentProgram.RunAsync(
    rest,
    Console.Out,
    Console.Error,
    (AgentOptions options, JsonLog log, TimeProvider time, ulong seed, out string why) => AgentBody.TryMake(options, log, time, seed, backends => new PacedBackends(backends, look), out why));
