package dev.understudy.command.client;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Sets a server to drain. */
@Command(
    name = "drain",
    description =
        "Takes a server out gently: no new sessions; running requests finish, sessions stay until"
            + " they end.",
    exitCodeListHeading = ClientCommands.EXIT_STATUS,
    exitCodeList = {
      ClientCommands.DONE,
      ClientCommands.REFUSED,
      ClientCommands.USAGE,
      ClientCommands.UNREACHABLE
    })
final class DrainCommand extends ServerStateChange {
  @Option(names = "--force", description = "Even if it is the only usable server of the pool.")
  private boolean force;

  @Override
  public Integer call() {
    return set("drain", force);
  }
}
