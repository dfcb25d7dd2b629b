package dev.understudy.bench.faults;

import dev.understudy.bench.faults.Call.End;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A history as a picture (SVG): above the faults, in the middle the server that each replica sent
 * requests to, below the writes that were acknowledged and those whose end is unknown to their
 * clients, over the time.
 */
final class HistoryPicture {
  private static final int WIDTH = 1000;
  private static final int LEFT = 90;
  private static final int RIGHT = 20;
  private static final int FAULTS_TOP = 40;
  private static final int FAULT_HEIGHT = 17;
  private static final int REPLICA_HEIGHT = 24;
  private static final int WRITES_HEIGHT = 50;
  private static final int GAP = 14;

  /** Of text of 11 pixels, on average. */
  private static final double CHARACTER_WIDTH = 6.2;

  private static final long BUCKET_NANOS = 100_000_000;
  private static final long SECOND_NANOS = 1_000_000_000;

  private static final Map<String, String> COLOURS = Map.of("sen1", "#0b63c5", "sen2", "#b4540a");
  private static final String UNKNOWN_COLOUR = "#c0273f";

  private final History history;
  private final StringBuilder svg = new StringBuilder();
  private final double pixelsOfNano;

  private HistoryPicture(History history) {
    this.history = history;
    pixelsOfNano = (double) (WIDTH - LEFT - RIGHT) / Math.max(1, history.end() - history.begin());
  }

  static String of(History history) {
    return new HistoryPicture(history).draw();
  }

  private String draw() {
    int top = faults();
    top = replicas(top + GAP);
    top = writes(top + GAP);
    axis(top);
    return """
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="11">
    <rect width="100%%" height="100%%" fill="#ffffff"/>
    %s</svg>
    """
        .formatted(WIDTH, top + 30, legend() + svg);
  }

  private String legend() {
    return text(LEFT, 20, "requests go to")
        + square(LEFT + 85, "#0b63c5", 1)
        + text(LEFT + 100, 20, "sen1")
        + square(LEFT + 135, "#b4540a", 1)
        + text(LEFT + 150, 20, "sen2")
        + square(LEFT + 190, "#0b63c5", 0.35)
        + square(LEFT + 204, "#b4540a", 0.35)
        + text(LEFT + 220, 20, "the same, by a replica that decides alone")
        + square(LEFT + 460, UNKNOWN_COLOUR, 1)
        + text(LEFT + 475, 20, "a write whose client does not know whether it was executed");
  }

  /** Each in the first row that has room for it and its name. Returns where they end. */
  private int faults() {
    List<Double> ends = new ArrayList<>();
    for (Window window : history.windows()) {
      double from = x(window.start());
      double width = Math.max(2, x(Math.min(window.end(), history.end())) - from);
      String name = window.kind().text() + " " + window.target();
      int row = 0;
      while (row < ends.size() && ends.get(row) > from) {
        row++;
      }
      if (row == ends.size()) {
        ends.add(0.0);
      }
      ends.set(row, from + Math.max(width, name.length() * CHARACTER_WIDTH) + 6);
      int y = FAULTS_TOP + row * FAULT_HEIGHT;
      rectangle(from, y, width, FAULT_HEIGHT - 3, "#d8dde4", 1);
      svg.append(text(from + 2, y + 11, name));
    }
    svg.append(text(4, FAULTS_TOP + 11, "faults"));
    return FAULTS_TOP + Math.max(1, ends.size()) * FAULT_HEIGHT;
  }

  /** Each tenth of a second in the colour of the server that got most of the replica's requests. */
  private int replicas(int top) {
    Map<String, Map<Long, Map<String, Integer>>> hits = new TreeMap<>();
    for (Hit hit : history.hits()) {
      if (hit.nanos() >= history.begin() && hit.nanos() < history.end()) {
        hits.computeIfAbsent(hit.replica(), replica -> new TreeMap<>())
            .computeIfAbsent((hit.nanos() - history.begin()) / BUCKET_NANOS, at -> new HashMap<>())
            .merge(hit.hasEpoch() ? hit.server() : hit.server() + " alone", 1, Integer::sum);
      }
    }
    int y = top;
    for (Map.Entry<String, Map<Long, Map<String, Integer>>> replica : hits.entrySet()) {
      svg.append(text(4, y + 15, "replica " + replica.getKey()));
      int row = y;
      replica
          .getValue()
          .forEach(
              (bucket, servers) -> {
                String most =
                    servers.entrySet().stream()
                        .max(Map.Entry.comparingByValue())
                        .orElseThrow()
                        .getKey();
                rectangle(
                    x(history.begin() + bucket * BUCKET_NANOS),
                    row,
                    BUCKET_NANOS * pixelsOfNano + 0.1,
                    REPLICA_HEIGHT - 4,
                    COLOURS.getOrDefault(most.split(" ", 2)[0], "#5b636e"),
                    most.endsWith(" alone") ? 0.35 : 1);
              });
      y += REPLICA_HEIGHT;
    }
    return y;
  }

  private int writes(int top) {
    Map<Long, Integer> acknowledged = new TreeMap<>();
    Set<Long> unknown = new HashSet<>();
    for (Call call : history.calls()) {
      if (!call.write() || call.ended() < history.begin() || call.ended() >= history.end()) {
        continue;
      }
      if (call.end() == End.OK) {
        acknowledged.merge((call.ended() - history.begin()) / SECOND_NANOS, 1, Integer::sum);
      } else if (call.end() == End.UNKNOWN) {
        unknown.add((call.ended() - history.begin()) / BUCKET_NANOS);
      }
    }
    int most = acknowledged.values().stream().mapToInt(Integer::intValue).max().orElse(1);
    svg.append(text(4, top + 11, "writes in a"));
    svg.append(text(4, top + 25, "second (" + most + ")"));
    acknowledged.forEach(
        (second, count) -> {
          double height = (double) WRITES_HEIGHT * count / most;
          rectangle(
              x(history.begin() + second * SECOND_NANOS),
              top + WRITES_HEIGHT - height,
              Math.max(1, SECOND_NANOS * pixelsOfNano - 1),
              height,
              "#1a7f4b",
              0.7);
        });
    unknown.stream()
        .sorted()
        .forEach(
            bucket ->
                rectangle(
                    x(history.begin() + bucket * BUCKET_NANOS),
                    top + WRITES_HEIGHT + 2,
                    2,
                    8,
                    UNKNOWN_COLOUR,
                    1));
    return top + WRITES_HEIGHT + 12;
  }

  private void axis(int top) {
    long seconds = (history.end() - history.begin()) / SECOND_NANOS;
    int step = seconds > 120 ? 60 : 10;
    for (long second = 0; second <= seconds; second += step) {
      double at = x(history.begin() + second * SECOND_NANOS);
      rectangle(at, FAULTS_TOP, 0.5, top - FAULTS_TOP, "#8b94a1", 0.6);
      svg.append(text(at - 8, top + 14, second + " s"));
    }
  }

  private double x(long nanos) {
    return LEFT + Math.max(0, nanos - history.begin()) * pixelsOfNano;
  }

  private void rectangle(
      double left, double top, double width, double height, String colour, double opacity) {
    svg.append(
        String.format(
            Locale.ROOT,
            "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"%s/>%n",
            left,
            top,
            width,
            height,
            colour,
            opacity == 1 ? "" : " opacity=\"" + opacity + "\""));
  }

  private static String square(double left, String colour, double opacity) {
    return String.format(
        Locale.ROOT,
        "<rect x=\"%.1f\" y=\"10\" width=\"11\" height=\"11\" fill=\"%s\" opacity=\"%s\"/>%n",
        left,
        colour,
        opacity);
  }

  /** A text of ours, without characters that XML escapes. */
  private static String text(double left, double base, String text) {
    return String.format(Locale.ROOT, "<text x=\"%.1f\" y=\"%.1f\">%s</text>%n", left, base, text);
  }
}
