using Damon.Cli;

return await DamonctlCommand.RunAsync(args, CliEnvironment.OfThisProcess());
