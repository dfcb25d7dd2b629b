package dev.understudy.testing;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * How much of the tests a run has: the gate has every behaviour once, profile {@code full} also
 * what repeats it, and what is {@link #SLOW}. Classes that ask here have the tag {@link #FULL}, by
 * which that profile finds them.
 */
public final class Extent {
  public static final String FULL = "full";

  /**
   * The tag of tests that wait or work for long, five seconds or more: the gate is without them,
   * but for the mission's own.
   */
  public static final String SLOW = "slow";

  private static final boolean WHOLE = FULL.equals(System.getProperty("understudy.tests"));

  /** Every tenth of what is random or made by rule. */
  private static final int PART = 10;

  private Extent() {}

  /** So many rounds; in the gate a tenth of them, at least one. */
  public static int rounds(int whole) {
    return WHOLE ? whole : Math.max(1, whole / PART);
  }

  /** All rows; in the gate every tenth. */
  public static <T> List<T> sample(List<T> rows) {
    return WHOLE
        ? rows
        : IntStream.range(0, rows.size()).filter(i -> i % PART == 0).mapToObj(rows::get).toList();
  }

  /**
   * All rows, of which each two show one behaviour in two ways; in the gate one of the two, the
   * first way and the second by turns.
   */
  public static <T> Stream<T> byTurns(Stream<T> pairs) {
    List<T> all = pairs.toList();
    return WHOLE
        ? all.stream()
        : IntStream.range(0, all.size()).filter(i -> i % 4 == 0 || i % 4 == 3).mapToObj(all::get);
  }

  /**
   * All ways for requests; in the gate the first and the last. They come with the express lane
   * before the Gateway lane, and the plainest protocol before the richest: so each lane is there,
   * in clear and through TLS.
   */
  public static <T> Stream<T> ends(Stream<T> ways) {
    List<T> all = ways.toList();
    return WHOLE || all.size() < 3 ? all.stream() : Stream.of(all.getFirst(), all.getLast());
  }
}
