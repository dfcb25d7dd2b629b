package dev.understudy.bench.faults;

import dev.understudy.bench.report.Table;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * When what is done to what, and for how long; the same for the same seed.
 *
 * @param faults in the order of their begins
 */
record Schedule(List<Fault> faults) {
  /** Faults at once. */
  private static final int AT_ONCE = 3;

  private static final long BETWEEN_MILLIS = 2_000;
  private static final long QUIET_MILLIS = 3_000;

  Schedule {
    faults = List.copyOf(faults);
  }

  /**
   * One fault.
   *
   * @param atMillis since the begin of the run
   * @param millis for which it lasts; 0 for what is done once
   */
  record Fault(long atMillis, Kind kind, String target, long millis) {
    /** As a line of a schedule. */
    String line() {
      return String.format(
          Locale.ROOT, "%.1f %s %s %.1f", atMillis / 1e3, kind.text(), target, millis / 1e3);
    }

    static Fault of(String line) {
      String[] words = line.strip().split("\\s+");
      if (words.length != 4) {
        throw new IllegalArgumentException("expected TIME FAULT TARGET DURATION, found: " + line);
      }
      Kind kind = Kind.of(words[1]);
      if (!kind.on().targets().contains(words[2])) {
        throw new IllegalArgumentException(
            kind.text() + " is done to one of " + kind.on().targets() + ", not to " + words[2]);
      }
      return new Fault(millis(words[0]), kind, words[2], millis(words[3]));
    }

    private static long millis(String seconds) {
      return Math.round(Double.parseDouble(seconds) * 1e3);
    }

    long endMillis() {
      return atMillis + millis;
    }

    private boolean overlaps(Fault other) {
      return atMillis <= other.endMillis() && other.atMillis <= endMillis();
    }

    private boolean excludes(Fault other) {
      return kind.on().held(target).equals(other.kind.on().held(other.target));
    }
  }

  /** Draws one from a seed. */
  static Schedule random(long seed, Duration length, Set<Kind> kinds) {
    Random random = new Random(seed);
    List<Kind> among = kinds.stream().sorted().toList();
    List<Fault> drawn = new ArrayList<>();
    long at = QUIET_MILLIS;
    while (true) {
      // In tenths of seconds, as schedules are printed.
      at += 500 + 100 * random.nextLong(2 * BETWEEN_MILLIS / 100);
      Kind kind = among.get(random.nextInt(among.size()));
      List<String> targets = kind.on().targets();
      String target = targets.get(random.nextInt(targets.size()));
      long span = kind.most().minus(kind.least()).toMillis() / 100;
      long millis = kind.least().toMillis() + 100 * random.nextLong(span + 1);
      Fault fault = new Fault(at, kind, target, millis);
      if (fault.endMillis() > length.toMillis() - QUIET_MILLIS) {
        return new Schedule(drawn);
      }
      List<Fault> meanwhile = drawn.stream().filter(fault::overlaps).toList();
      if (meanwhile.size() < AT_ONCE && meanwhile.stream().noneMatch(fault::excludes)) {
        drawn.add(fault);
      }
    }
  }

  /** Reads lines; those that begin with {@code #} are comments. */
  static Schedule of(List<String> lines) {
    return new Schedule(
        lines.stream()
            .filter(line -> !line.isBlank() && !line.startsWith("#"))
            .map(Fault::of)
            .sorted(Comparator.comparingLong(Fault::atMillis))
            .toList());
  }

  /** The same faults, sooner where nothing was done for a while. */
  Schedule closer() {
    List<Fault> moved = new ArrayList<>();
    long sooner = 0;
    long over = 0;
    for (Fault fault : faults) {
      sooner = Math.max(sooner, fault.atMillis() - over - QUIET_MILLIS);
      Fault next =
          new Fault(fault.atMillis() - sooner, fault.kind(), fault.target(), fault.millis());
      moved.add(next);
      over = Math.max(over, next.endMillis());
    }
    return new Schedule(moved);
  }

  /** As a file has it. */
  String text() {
    return faults.stream().map(fault -> fault.line() + "\n").collect(Collectors.joining());
  }

  /** For people. */
  String table() {
    Table table = new Table("at s", "fault", "target", "for s", "is");
    for (Fault fault : faults) {
      String[] words = fault.line().split(" ");
      table.add(words[0], words[1], words[2], words[3], fault.kind().words());
    }
    return table.toString();
  }
}
