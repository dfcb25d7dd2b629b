package dev.understudy.bench.faults;

import dev.understudy.bench.faults.Call.End;
import dev.understudy.bench.report.Table;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * How long clients went without a good response, and how many requests succeeded, by fault.
 *
 * <p>Times in which the test itself did not run are left out. A pause of one replica's clients is
 * bounded by {@link #QUIET_NANOS} and, if it meets a fault, by that fault's {@link Kind#pause}; if
 * it meets several, by the longest pause of any kind, once. What faults took {@link Away} is added.
 */
final class Pauses {
  /** For a machine that does other things, too. */
  static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(2);

  /** For how long a fault that was mended may still be the cause. */
  private static final long AFTERMATH_NANOS = TimeUnit.SECONDS.toNanos(4);

  /** Of several faults at once: replicas that are lost must first cease to count. */
  private static final long LONGEST_NANOS =
      Stream.of(Kind.values()).mapToLong(kind -> kind.pause().toNanos()).max().orElseThrow();

  private Pauses() {}

  /**
   * A time without a good response through a replica.
   *
   * @param stalled for how much of it the test itself did not run, so that nothing was asked
   * @param met faults that were in force
   * @param holds see {@link History}
   */
  record Pause(String replica, long from, long to, long stalled, List<Window> met, boolean holds) {
    long nanos() {
      return to - from - stalled;
    }

    long bound() {
      return QUIET_NANOS + recovery() + Away.nanos(met, replica, holds, from, to);
    }

    private long recovery() {
      return switch (met.size()) {
        case 0 -> 0;
        case 1 -> met.getFirst().kind().pause().toNanos();
        default -> LONGEST_NANOS;
      };
    }

    /** Whether it met one fault alone, which left its replica there. */
    private boolean isOfOne() {
      return met.size() == 1 && !Away.takesAway(met.getFirst(), replica, holds);
    }
  }

  /** Those of each replica's clients, from the begin to the end of the schedule. */
  static List<Pause> of(History history) {
    Map<String, List<Call>> good = new TreeMap<>();
    for (Call call : history.calls()) {
      List<Call> calls = good.computeIfAbsent(call.replica(), replica -> new ArrayList<>());
      if (call.end() == End.OK) {
        calls.add(call);
      }
    }
    List<Pause> pauses = new ArrayList<>();
    good.forEach(
        (replica, calls) -> {
          long[] ends =
              calls.stream()
                  .mapToLong(Call::ended)
                  .filter(end -> end < history.end())
                  .sorted()
                  .toArray();
          long from = history.begin();
          for (long end : ends) {
            pauses.add(pause(history, replica, from, end));
            from = end;
          }
          pauses.add(pause(history, replica, from, history.end()));
        });
    return pauses;
  }

  private static Pause pause(History history, String replica, long from, long to) {
    // Faults matter to long ones alone.
    List<Window> met =
        to - from <= QUIET_NANOS
            ? List.of()
            : history.windows().stream()
                .filter(window -> window.overlaps(from, to, AFTERMATH_NANOS))
                .toList();
    long stalled = history.stalls().stream().mapToLong(stall -> stall.within(from, to)).sum();
    return new Pause(replica, from, to, stalled, met, history.holds());
  }

  /** Sentences about those that were too long. */
  static List<String> violations(History history) {
    return of(history).stream()
        .filter(pause -> pause.nanos() > pause.bound())
        .map(
            pause ->
                String.format(
                    Locale.ROOT,
                    "no good response through %s for %.1f s from %s on, bound %.1f s; faults: %s",
                    pause.replica(),
                    pause.nanos() / 1e9,
                    history.seconds(pause.from()),
                    pause.bound() / 1e9,
                    pause.met().stream()
                        .map(window -> window.kind().text() + " " + window.target())
                        .toList()))
        .toList();
  }

  /**
   * The figures of one kind of fault.
   *
   * @param faults how many there were
   * @param calls that began while one was in force, perhaps beside others
   * @param alone the same while no other was in force
   * @param longestNanos the longest pause that met such a fault alone; replicas that the fault
   *     takes away are left out
   */
  record Row(int faults, int calls, int ok, int alone, int aloneOk, long longestNanos) {
    Row plus(Row more) {
      return new Row(
          faults + more.faults,
          calls + more.calls,
          ok + more.ok,
          alone + more.alone,
          aloneOk + more.aloneOk,
          Math.max(longestNanos, more.longestNanos));
    }
  }

  /** By kind. */
  static Map<Kind, Row> rows(History history) {
    Map<Kind, Row> rows = new EnumMap<>(Kind.class);
    for (Window window : history.windows()) {
      rows.merge(window.kind(), new Row(1, 0, 0, 0, 0, 0), Row::plus);
    }
    for (Call call : history.calls()) {
      List<Kind> kinds =
          history.windows().stream()
              .filter(window -> window.overlaps(call.invoked(), call.invoked(), 0))
              .map(Window::kind)
              .distinct()
              .toList();
      int ok = call.end() == End.OK ? 1 : 0;
      boolean alone = kinds.size() == 1;
      Row row = new Row(0, 1, ok, alone ? 1 : 0, alone ? ok : 0, 0);
      kinds.forEach(kind -> rows.merge(kind, row, Row::plus));
    }
    for (Pause pause : of(history)) {
      if (pause.isOfOne()) {
        rows.merge(pause.met().getFirst().kind(), new Row(0, 0, 0, 0, 0, pause.nanos()), Row::plus);
      }
    }
    return rows;
  }

  static String table(Map<Kind, Row> rows) {
    Table table =
        new Table(
            "fault",
            "times",
            "requests",
            "good %",
            "without others",
            "good %",
            "longest pause s",
            "bound s");
    rows.forEach(
        (kind, row) ->
            table.add(
                kind.text(),
                Integer.toString(row.faults()),
                Integer.toString(row.calls()),
                percent(row.ok(), row.calls()),
                Integer.toString(row.alone()),
                percent(row.aloneOk(), row.alone()),
                row.longestNanos() == 0
                    ? "< 2"
                    : String.format(Locale.ROOT, "%.1f", row.longestNanos() / 1e9),
                Long.toString(kind.pause().plusNanos(QUIET_NANOS).toSeconds())));
    return table.toString();
  }

  private static String percent(int part, int whole) {
    return whole == 0 ? "-" : String.format(Locale.ROOT, "%.2f", 100.0 * part / whole);
  }
}
