package dev.understudy.command.client;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Sets a server to maintenance. */
@Command(
    name = "maintenance",
    description = "Takes a server out at once: its sessions, WebSockets and streams leave it.",
    exitCodeListHeading = ClientCommands.EXIT_STATUS,
    exitCodeList = {
      ClientCommands.DONE,
      ClientCommands.REFUSED,
      ClientCommands.USAGE,
      ClientCommands.UNREACHABLE
    })
final class MaintenanceCommand extends ServerStateChange {
  @Option(names = "--force", description = "Even if it is the only usable server of the pool.")
  private boolean force;

  @Override
  public Integer call() {
    return set("maintenance", force);
  }
}
