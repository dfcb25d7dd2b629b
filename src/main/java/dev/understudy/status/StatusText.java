package dev.understudy.status;

import dev.understudy.text.Words;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What {@code status} prints, as lines: by the command, and by the management port for those who
 * cannot wait for a JVM.
 */
public final class StatusText {
  /** With more pools than this, those that are well are only counted. */
  public static final int ALL_UP_TO = 20;

  /** The most problems of a refused file, unless all are asked for. */
  private static final int MOST_PROBLEMS = 10;

  private StatusText() {}

  /**
   * Describes all pools.
   *
   * @param problems {@code problems} of {@code GET /api/config}; asked for if the file was refused
   * @param all whether to list pools that are well, however many, and all problems
   */
  public static List<String> lines(ReplicaView replica, Supplier<JsonValue> problems, boolean all) {
    List<String> lines = new ArrayList<>();
    lines.add(replica.replica() + ": " + replica.counts());
    lines.addAll(replica.remarks());
    if (replica.isFileRefused()) {
      List<String> each =
          problems.get().list().stream().map(problem -> "  " + problem.text("")).toList();
      lines.addAll(all ? each : Words.bounded(each, MOST_PROBLEMS));
    }
    boolean well = all || replica.pools().size() <= ALL_UP_TO;
    List<PoolView> shown =
        replica.pools().stream()
            .filter(pool -> well || pool.condition() != PoolCondition.WELL)
            .toList();
    if (shown.isEmpty()) {
      return lines;
    }
    TextTable table = new TextTable().row("POOL", "CONDITION", "SERVING", "SINCE", "CAUSE");
    for (PoolView pool : shown) {
      table.row(
          pool.name(),
          pool.condition().word(),
          pool.serving(),
          AgeText.of(pool.document().at("since").text(), replica.now()),
          Objects.requireNonNullElse(pool.cause(), ""));
    }
    lines.addAll(table.lines());
    if (shown.size() < replica.pools().size()) {
      lines.add("All other pools are well; --all lists them.");
    }
    return lines;
  }

  /**
   * Describes one pool with its servers.
   *
   * @param pool as it is judged
   * @param document of {@code GET /api/pools/POOL}, which has more than the overview
   * @param now the time of the document by the replica's clock; null if unknown
   */
  public static List<String> lines(PoolView pool, JsonValue document, @Nullable String now) {
    List<String> lines = new ArrayList<>();
    lines.add(head(pool, document, now));
    if (pool.cause() != null) {
      lines.add("  " + pool.cause());
    }
    JsonValue planned = document.at("planned");
    if (planned.at("phase").text("").equals("SCHEDULED")) {
      lines.add(scheduled(planned));
    }
    TextTable servers =
        new TextTable().row("  SERVER", "ROLE", "STATUS", "STATE", "SERVES", "LAST PROBE");
    for (JsonValue server : document.at("servers").list()) {
      servers.row(
          "  " + server.at("name").text("?"),
          server.at("rank").text("-"),
          status(server, "-"),
          state(server),
          serves(server),
          probe(server) + data(server.at("data")) + late(server.at("checks"), now));
    }
    lines.addAll(servers.lines());
    return lines;
  }

  private static String head(PoolView pool, JsonValue document, @Nullable String now) {
    StringBuilder head = new StringBuilder();
    head.append(pool.name()).append(": ");
    String serving = document.at("serving").text();
    boolean maintained = pool.condition() == PoolCondition.MAINTENANCE;
    head.append(pool.condition().word());
    if (serving != null) {
      head.append(maintained ? "; behind it, " : ", ").append(serving).append(" serves");
      String since = document.at("since").text();
      String age = AgeText.of(since, now);
      head.append(age.equals("-") ? since == null ? "" : " since " + second(since) : " for " + age);
      head.append(", epoch ").append(document.at("epoch").whole());
      String reason = document.at("reasonText").text(document.at("reason").text(""));
      String evidence = document.at("evidence").text("");
      head.append(reason.isEmpty() ? "" : ", " + reason);
      head.append(reason.isEmpty() || evidence.isEmpty() ? "" : " (" + evidence + ")");
    }
    String pinned = document.at("pinned").text();
    return head.append(pinned == null ? "" : ", pinned to " + pinned).toString();
  }

  private static String scheduled(JsonValue planned) {
    String operator = planned.at("operator").text();
    String reason = planned.at("reason").text();
    return "  a planned switch to %s is scheduled for %s%s%s"
        .formatted(
            planned.at("to").text("?"),
            planned.at("at").text("?"),
            operator == null ? "" : ", by " + operator,
            reason == null ? "" : ": " + reason);
  }

  private static String second(String time) {
    Instant at = AgeText.instant(time);
    return at == null ? time : at.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  private static String state(JsonValue server) {
    String state = server.at("state").text("-");
    return server.at("agent").at("overridden").flag() ? state + ", over its agent" : state;
  }

  private static String serves(JsonValue server) {
    if (server.at("serving").flag()) {
      return "yes";
    }
    return server.at("circuitOpen").flag() ? "circuit open" : "-";
  }

  /**
   * A server's status, with a question mark while its checks are late, as it may be another by now.
   *
   * @param otherwise what stands for one that is not known
   */
  public static String status(JsonValue server, String otherwise) {
    String status = server.at("status").text(otherwise);
    return server.at("checks").at("late").flag() ? status + "?" : status;
  }

  /** What is shown of a server is old while its checks are late. */
  private static String late(JsonValue checks, @Nullable String now) {
    return checks.at("late").flag()
        ? " (late: not checked for " + AgeText.of(checks.at("newest").text(), now) + ")"
        : "";
  }

  /** How far a server is behind the primary. */
  private static String data(JsonValue data) {
    String lag = data.at("lag").text();
    String tooFar = data.at("tooFar").flag() ? ", too far to be promoted" : "";
    return lag == null ? "" : "; " + lag + tooFar;
  }

  private static String probe(JsonValue server) {
    JsonValue probe = server.at("lastProbe");
    String text = server.at("lastProbeText").text();
    return text != null
        ? text
        : probe.isObject()
            ? probe.at("outcome").text("?") + " " + probe.at("detail").text("")
            : "-";
  }
}
