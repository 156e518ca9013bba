using Damon.Workload.Commands;
using Damon.Workload.Memory;

using var interruption = new Interruption();
interruption.Listen();
using var output = ToolConsole.OpenOutput();
var command = new WorkloadCommand(output, ToolConsole.Error, TimeProvider.System, new LinuxMachineFacts(), Environment.GetEnvironmentVariable("TMPDIR"));
return command.Invoke(args, interruption.Token);
