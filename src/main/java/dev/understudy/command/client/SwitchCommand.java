package dev.understudy.command.client;

import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Moves the role of a pool to a server, or leaves it to the policy again. */
@Command(
    name = "switch",
    description =
        "Moves a pool to a usable server and pins it there, or with 'auto' ends the pin: failback"
            + " follows the policy again.")
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
        new LinkedHashMap<>(Map.of("to", to)),
        to.equals(AUTO) ? pool + " follows its policy" : pool + " is pinned to " + to,
        false);
  }
}
