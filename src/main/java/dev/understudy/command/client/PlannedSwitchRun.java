package dev.understudy.command.client;

import dev.understudy.status.JsonValue;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;

/** One planned switch as an operator follows it: asked for, or given up, then phase by phase. */
final class PlannedSwitchRun {
  private static final int POLL_MILLIS = 25;

  private final ManagementApi api;
  private final String path;
  private final PrintWriter out;
  private final String indent;

  /**
   * @param out receives a line for each phase
   * @param indent the beginning of each of these lines
   */
  PlannedSwitchRun(ManagementApi api, String pool, PrintWriter out, String indent) {
    this.api = api;
    this.path = "/api/pools/" + ManagementApi.encoded(pool) + "/switch";
    this.out = out;
    this.indent = indent;
  }

  /** Asks for a planned switch; returns the last document. */
  ApiResponse plan(Map<String, Object> body) {
    return follow(api.write("POST", path, JsonValue.bytes(body), PlannedSwitchRun::isPlanned));
  }

  /** Gives the present one up; returns the last document. */
  ApiResponse giveUp() {
    return follow(
        api.write("DELETE", path, JsonValue.bytes(Map.of()), PlannedSwitchRun::isPlanned));
  }

  private static boolean isPlanned(JsonValue document) {
    return document.at("phase").text() != null && document.at("phases").isArray();
  }

  /** Prints each phase as it begins, until the last one, or the one that waits for its time. */
  private ApiResponse follow(ApiResponse begun) {
    PoolChange.inMemoryOnly(begun.document()).forEach(line -> out.println(indent + line));
    int printed = 0;
    while (true) {
      ApiResponse reply = api.read(path, PlannedSwitchRun::isPlanned);
      JsonValue document = reply.document();
      List<JsonValue> phases = document.at("phases").list();
      for (; printed < phases.size(); printed++) {
        out.println(indent + line(document, phases, printed));
      }
      out.flush();
      if (!document.at("active").flag() || phase(reply).equals("SCHEDULED")) {
        return reply;
      }
      try {
        Thread.sleep(POLL_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw ClientFailure.failed("interrupted; the switch goes on");
      }
    }
  }

  private static String phase(ApiResponse reply) {
    return reply.document().at("phase").text("");
  }

  /** The exit status that a last document stands for. */
  static int status(ApiResponse last) {
    return switch (phase(last)) {
      case "MOVED", "SCHEDULED" -> ExitStatus.DONE;
      case "GIVEN_UP" -> ExitStatus.FAILED;
      default -> ExitStatus.USAGE;
    };
  }

  /** The exit status after an operator gave it up, which comes too late if it has moved. */
  static int statusOfGivingUp(ApiResponse last) {
    return switch (phase(last)) {
      case "GIVEN_UP" -> ExitStatus.DONE;
      case "MOVED" -> ExitStatus.FAILED;
      default -> ExitStatus.USAGE;
    };
  }

  /** {@code +0.120s MOVED: nothing is sent to a any more}. */
  private static String line(JsonValue document, List<JsonValue> phases, int index) {
    JsonValue phase = phases.get(index);
    Duration since = Duration.between(time(phases.getFirst()), time(phase));
    String name = phase.at("phase").text("");
    String why = phase.at("why").text("");
    String at = name.equals("SCHEDULED") ? " for " + document.at("at").text("") : "";
    return "+%d.%03ds %s%s%s"
        .formatted(
            since.toSeconds(), since.toMillisPart(), name, at, why.isEmpty() ? "" : ": " + why);
  }

  private static Instant time(JsonValue phase) {
    try {
      return Instant.parse(phase.at("since").text(""));
    } catch (DateTimeParseException e) {
      return Instant.EPOCH;
    }
  }
}
