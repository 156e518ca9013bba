using Damon.Lab.Guest.Running;

return await GuestCommand.RunAsync(args, GuestConsole.Output, TimeProvider.System);
