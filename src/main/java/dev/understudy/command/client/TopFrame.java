package dev.understudy.command.client;

import dev.understudy.status.AgeText;
import dev.understudy.status.JsonValue;
import dev.understudy.status.PoolView;
import dev.understudy.status.ReplicaView;
import dev.understudy.status.StatusText;
import dev.understudy.text.Words;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One picture of {@code top}: a head of three lines, then pools, worst first.
 *
 * @param lines cut to the width
 * @param selected the index of the selected line; -1 if there is none
 */
record TopFrame(List<TopLine> lines, int selected) {
  /** The width of the columns behind the name, which have room from 80 columns on. */
  private static final int BEHIND_NAME = 58;

  private static final int MIN_NAME = 10;
  private static final int MAX_NAME = 40;
  private static final int HEAD = 4;

  /**
   * Draws all lines, however many.
   *
   * @param source the replica's URL
   */
  static TopFrame all(ReplicaView overview, String source, TopView view, int width) {
    List<TopLine> lines = new ArrayList<>(head(overview, source, view, nameWidth(width)));
    int selected = -1;
    List<PoolView> shown = view.of(overview.pools());
    int position = view.position(shown);
    int name = nameWidth(width);
    for (int i = 0; i < shown.size(); i++) {
      PoolView pool = shown.get(i);
      if (i == position) {
        selected = lines.size();
      }
      lines.addAll(pool(pool, overview, name, i == position && view.open()));
    }
    if (shown.isEmpty()) {
      lines.add(TopLine.plain("no pool matches '" + view.filter() + "'"));
    }
    return new TopFrame(lines.stream().map(line -> line.cut(width)).toList(), selected);
  }

  /** The part of the frame that fits, with the head and the selected line in it. */
  TopFrame fitted(int rows) {
    if (lines.size() <= rows) {
      return this;
    }
    int room = Math.max(1, rows - HEAD);
    int last = lines.size() - room;
    int from = Math.min(Math.max(HEAD, selected - room / 2), last);
    List<TopLine> part = new ArrayList<>(lines.subList(0, Math.min(HEAD, rows)));
    part.addAll(lines.subList(from, from + room));
    return new TopFrame(part, selected < 0 ? -1 : selected - from + HEAD);
  }

  private static int nameWidth(int width) {
    return Math.min(MAX_NAME, Math.max(MIN_NAME, width - BEHIND_NAME));
  }

  private static List<TopLine> head(ReplicaView overview, String source, TopView view, int name) {
    JsonValue document = overview.document();
    JsonValue totals = document.at("totals");
    String up = AgeText.of(document.at("startedAt").text(), overview.now());
    String filter = view.typing() || !view.filter().isEmpty() ? "   filter: " + view.filter() : "";
    List<TopLine> head = new ArrayList<>();
    head.add(
        new TopLine(
            overview.replica()
                + "  "
                + source
                + "  "
                + document.at("version").text("")
                + (up.equals("-") ? "" : "  up " + up)
                + filter
                + (view.typing() ? "_" : ""),
            TopLine.Style.HEADING));
    head.add(new TopLine(overview.counts() + traffic(totals), TopLine.style(overview.worst())));
    head.add(replica(overview));
    head.add(
        new TopLine(
            row("POOL", name, "STATE", "SERVING", "REQ/S", "ERR/S", "P99MS", "INFL", "SINCE"),
            TopLine.Style.HEADING));
    return head;
  }

  private static String traffic(JsonValue totals) {
    return totals.isObject()
        ? "  req/s "
            + RateText.of(totals.at("requestsPerSecond"))
            + " err/s "
            + RateText.of(totals.at("errorsPerSecond"))
            + " held "
            + totals.at("held").whole()
            + " tunnels "
            + totals.at("tunnels").whole()
        : "";
  }

  private static TopLine replica(ReplicaView overview) {
    List<String> remarks = overview.remarks();
    if (!remarks.isEmpty()) {
      return new TopLine(String.join("; ", remarks), TopLine.Style.NOBODY);
    }
    JsonValue config = overview.document().at("config");
    JsonValue agreement = overview.document().at("agreement");
    String applied = AgeText.of(config.at("appliedAt").text(), overview.now());
    return TopLine.plain(
        (config.isObject()
                ? config.at("file").text("no file")
                    + " "
                    + config.at("fingerprint").text("")
                    + " applied "
                    + applied
                    + " ago"
                : "")
            + (agreement.isObject()
                ? ", replicas in touch "
                    + agreement.at("inTouch").whole()
                    + "/"
                    + agreement.at("replicas").whole()
                : ""));
  }

  private static List<TopLine> pool(PoolView pool, ReplicaView overview, int name, boolean open) {
    List<TopLine> lines = new ArrayList<>();
    JsonValue document = pool.document();
    TopLine.Style style = TopLine.style(pool.condition());
    lines.add(
        new TopLine(
            row(
                pool.name(),
                name,
                pool.condition().word(),
                pool.serving(),
                RateText.of(document.at("requestsPerSecond")),
                RateText.of(document.at("errorsPerSecond")),
                RateText.of(p99(pool)),
                String.valueOf(inFlight(pool)),
                AgeText.of(document.at("since").text(), overview.now())),
            style));
    if (pool.cause() != null) {
      lines.add(new TopLine("  " + pool.cause(), style));
    }
    if (open) {
      for (JsonValue server : pool.servers()) {
        lines.add(server(server, name));
      }
    }
    return lines;
  }

  private static TopLine server(JsonValue server, int name) {
    JsonValue responses = server.at("responses");
    Double failed = responses.at("5xx").number();
    Double none = responses.at("none").number();
    boolean down = server.at("status").text("").equals("DOWN");
    return new TopLine(
        row(
            "  " + server.at("name").text("?") + (server.at("serving").flag() ? " *" : ""),
            name,
            StatusText.status(server, "?"),
            server.at("circuitOpen").flag() ? "circuit open" : server.at("state").text("?"),
            RateText.of(server.at("requestsPerSecond")),
            failed == null ? "-" : RateText.of(failed + (none == null ? 0 : none)),
            RateText.of(server.at("p99Millis")),
            String.valueOf(server.at("inFlight").whole()),
            server.at("rank").text("")),
        down ? TopLine.Style.NOBODY : TopLine.Style.PLAIN);
  }

  /** The slowest server's; null if no server has one. */
  private static @Nullable Double p99(PoolView pool) {
    return pool.servers().stream()
        .map(server -> server.at("p99Millis").number())
        .filter(Objects::nonNull)
        .max(Comparator.naturalOrder())
        .orElse(null);
  }

  private static long inFlight(PoolView pool) {
    return pool.servers().stream().mapToLong(server -> server.at("inFlight").whole()).sum();
  }

  private static String row(
      String name, int width, String state, String serving, Object... numbers) {
    String texts =
        String.format(
            "%-" + width + "s %-8s %-12s ",
            Words.cut(name, width, "~"),
            state,
            Words.cut(serving, 12, "~"));
    return (texts + String.format("%7s %6s %6s %5s %7s", numbers)).stripTrailing();
  }
}
