package dev.understudy.command.client;

import picocli.CommandLine.Command;

/** Sets a server to ready. */
@Command(
    name = "ready",
    description = "Puts a server back after drain or maintenance.",
    exitCodeListHeading = ClientCommands.EXIT_STATUS,
    exitCodeList = {
      ClientCommands.DONE,
      ClientCommands.REFUSED,
      ClientCommands.USAGE,
      ClientCommands.UNREACHABLE
    })
final class ReadyCommand extends ServerStateChange {
  @Override
  public Integer call() {
    return set("ready", false);
  }
}
