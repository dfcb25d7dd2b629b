package dev.understudy.command.client;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Moves the role of a pool to a server, or leaves it to the policy again. */
@Command(
    name = "switch",
    description =
        "Moves a pool to a usable server and pins it there, or with 'auto' ends the pin: failback"
            + " follows the policy again.",
    exitCodeListHeading = ClientCommands.EXIT_STATUS,
    exitCodeList = {
      ClientCommands.DONE,
      ClientCommands.REFUSED,
      ClientCommands.USAGE,
      ClientCommands.UNREACHABLE
    })
final class SwitchCommand extends PoolChange {
  private static final String AUTO = "auto";

  @Parameters(index = "0", paramLabel = "POOL", description = "The pool.")
  private String pool;

  @Parameters(index = "1", paramLabel = "SERVER|auto", description = "The server, or auto.")
  private String to;

  @Override
  public Integer call() {
    return change(
        "POST",
        "/api/pools/" + ManagementApi.encoded(pool) + "/switch",
        new JsonFields().text("to", to),
        to.equals(AUTO) ? pool + " follows its policy" : pool + " is pinned to " + to);
  }
}
