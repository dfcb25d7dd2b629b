package dev.understudy.monitor;

import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** The time of a simulation, which jumps from one event to the next; everything on one thread. */
final class SimWorld {
  private record Planned(long due, long order, Runnable task) implements Comparable<Planned> {
    @Override
    public int compareTo(Planned other) {
      int byTime = Long.compare(due, other.due);
      return byTime != 0 ? byTime : Long.compare(order, other.order);
    }
  }

  static final long MS = 1_000_000;
  static final long SECOND = 1_000 * MS;

  Random random;

  /** The versions of which replicas may be. */
  List<SimVersion> versions = List.of(SimVersion.THIS);

  private final PriorityQueue<Planned> events = new PriorityQueue<>();
  private long now;
  private long planned;

  private record Line(long at, String what) {}

  private final List<Line> story = new ArrayList<>();

  SimWorld(long seed) {
    random = new Random(seed);
  }

  /** Nanoseconds since the beginning. */
  long now() {
    return now;
  }

  void at(long due, Runnable task) {
    events.add(new Planned(Math.max(due, now), planned++, task));
  }

  void in(long delay, Runnable task) {
    at(now + delay, task);
  }

  /** For people, should it go wrong. */
  void tell(String what) {
    story.add(new Line(now, what));
  }

  String time() {
    return time(now);
  }

  private static String time(long at) {
    return "%.3f s".formatted(at / 1e9);
  }

  String story() {
    return story.stream()
        .map(line -> time(line.at()) + "  " + line.what())
        .collect(Collectors.joining("\n"));
  }

  static void require(boolean condition, String what) {
    require(condition, () -> what);
  }

  /** The same, of what is looked at too often to say each time what would be wrong. */
  static void require(boolean condition, Supplier<String> what) {
    if (!condition) {
      throw new AssertionError(what.get());
    }
  }

  /** Any time from {@code least} to {@code most}, ms. */
  long millis(int least, int most) {
    return (least + random.nextInt(most - least + 1)) * MS;
  }

  /** Runs a task whose chance is that of a seed alone, whatever else happens. */
  void with(long seed, Runnable task) {
    Random usual = random;
    random = new Random(seed);
    task.run();
    random = usual;
  }

  /** The version of one more replica. */
  SimVersion version() {
    return versions.get(random.nextInt(versions.size()));
  }

  boolean chance(int percent) {
    return random.nextInt(100) < percent;
  }

  void runUntil(long end, Runnable afterEach) {
    for (Planned next = events.peek(); next != null && next.due() <= end; next = events.peek()) {
      events.remove(next);
      now = next.due();
      next.task().run();
      afterEach.run();
    }
    now = end;
  }
}
