package dev.understudy.command.client;

import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Moves the role of a pool to a server, or leaves it to the policy again. */
@Command(
    name = "switch",
    description = {
      "Moves a pool to a usable server and pins it there, or with 'auto' ends the pin: failback"
          + " follows the policy again.",
      "With --planned it moves in phases: clients are held on all replicas, requests finish, hooks"
          + " fence the old server and promote the new one, then clients are let go. The phases are"
          + " followed as they come; until the old server is fenced, --give-up ends it."
    },
    exitCodeList = {
      "0:Done; with --planned: moved, or scheduled.",
      "1:The replica refused the request; with --planned: given up, nothing changed.",
      "2:Wrong arguments; with --planned: rolled back, or failed.",
      ClientCommand.UNREACHABLE
    })
final class SwitchCommand extends PoolChange {
  private static final String AUTO = "auto";
  private static final int POLL_MILLIS = 100;

  @Parameters(index = "0", paramLabel = "POOL", description = "The pool.")
  private String pool;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "SERVER|auto",
      description = "The server, or auto.")
  private @Nullable String to;

  @Option(names = "--planned", description = "In phases, so that no client notices.")
  private boolean planned;

  @Option(
      names = "--pause",
      paramLabel = "TIME",
      description =
          "With --planned: the longest time for which clients are held, 1s to 5m. Default: 10s.")
  private @Nullable String pause;

  @Option(
      names = "--at",
      paramLabel = "TIME",
      description = "With --planned: not before that time, such as 2027-01-31T22:00:00Z.")
  private @Nullable String at;

  @Option(
      names = "--force",
      description = "With --planned: what does not finish in time is cut, instead of giving up.")
  private boolean force;

  @Option(
      names = "--give-up",
      description = "Gives up the planned switch of the pool, if its old server is not fenced yet.")
  private boolean giveUp;

  @Override
  public Integer call() {
    if (giveUp) {
      requireNone(
          to == null && !planned && pause == null && at == null && !force,
          "--give-up takes POOL alone");
      api().write("DELETE", path(), JsonValue.bytes(Map.of()), SwitchCommand::isPlanned);
      return follow();
    }
    if (to == null) {
      throw ClientFailure.usage("expected POOL and SERVER, POOL and auto, or POOL and --give-up");
    }
    if (planned) {
      return plan(to);
    }
    requireNone(pause == null && at == null && !force, "--pause, --at and --force want --planned");
    return change(
        "POST",
        path(),
        new LinkedHashMap<>(Map.of("to", to)),
        to.equals(AUTO) ? pool + " follows its policy" : pool + " is pinned to " + to,
        false);
  }

  private static void requireNone(boolean none, String otherwise) {
    if (!none) {
      throw ClientFailure.usage(otherwise);
    }
  }

  private String path() {
    return "/api/pools/" + ManagementApi.encoded(pool) + "/switch";
  }

  private int plan(String server) {
    Map<String, Object> body = new LinkedHashMap<>(Map.of("to", server, "planned", true));
    if (pause != null) {
      body.put("pause", pause);
    }
    if (at != null) {
      body.put("at", at);
    }
    if (force) {
      body.put("force", true);
    }
    addReason(body);
    api().write("POST", path(), JsonValue.bytes(body), SwitchCommand::isPlanned);
    return follow();
  }

  private static boolean isPlanned(JsonValue document) {
    return document.at("phase").text() != null && document.at("phases").isArray();
  }

  /** Prints each phase as it begins, until the last one. */
  private int follow() {
    int printed = 0;
    while (true) {
      ApiResponse reply = api().read(path(), SwitchCommand::isPlanned);
      JsonValue document = reply.document();
      List<JsonValue> phases = document.at("phases").list();
      if (!output().json()) {
        for (; printed < phases.size(); printed++) {
          out().println(line(document, phases, printed));
        }
        out().flush();
      }
      String phase = document.at("phase").text("");
      if (!document.at("active").flag() || phase.equals("SCHEDULED")) {
        print(reply, output(), List::of);
        return status(phase);
      }
      try {
        Thread.sleep(POLL_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw ClientFailure.refused("interrupted; the switch goes on");
      }
    }
  }

  private static int status(String phase) {
    return switch (phase) {
      case "MOVED", "SCHEDULED" -> ExitStatus.DONE;
      case "GIVEN_UP" -> ExitStatus.REFUSED;
      default -> ExitStatus.USAGE;
    };
  }

  /** {@code +0.120s MOVED: nothing is sent to a any more}. */
  private static String line(JsonValue document, List<JsonValue> phases, int index) {
    JsonValue phase = phases.get(index);
    Duration since = Duration.between(time(phases.getFirst()), time(phase));
    String name = phase.at("phase").text("");
    String outcome = index == phases.size() - 1 ? document.at("outcome").text("") : "";
    String at = name.equals("SCHEDULED") ? " for " + document.at("at").text("") : "";
    return "+%d.%03ds %s%s%s"
        .formatted(
            since.toSeconds(),
            since.toMillisPart(),
            name,
            at,
            outcome.isEmpty() ? "" : ": " + outcome);
  }

  private static Instant time(JsonValue phase) {
    try {
      return Instant.parse(phase.at("since").text(""));
    } catch (DateTimeParseException e) {
      return Instant.EPOCH;
    }
  }
}
