package dev.understudy.testing;

import dev.understudy.proxy.listener.ListenerProperties;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * How much of the tests a run has: the gate has every behaviour once, profile {@code full} also
 * what repeats it, and what is {@link #SLOW}. Classes that ask here have the tag {@link #FULL}, by
 * which that profile finds them. After the gate, {@code -Dunderstudy.tests=rest} leaves out the
 * rows that it had, and most of the random work: .ci/run has each row once, and profile {@code
 * nightly} everything whole.
 */
public final class Extent {
  public static final String FULL = "full";

  /**
   * The tag of tests that wait or work for long, five seconds or more: the gate is without them,
   * but for the mission's own. It is also that of long tables of what is beside the mission, such
   * as the import of HAProxy's configurations: the gate has the telling rows in other classes.
   */
  public static final String SLOW = "slow";

  /**
   * The order of classes that wait far more than they work, and come late by their names: they
   * begin first, so that at the end none is alone.
   */
  public static final int FIRST = 1;

  /** Every tenth of what is random or made by rule. */
  private static final int PART = 10;

  private static final Run RUN = Run.of(System.getProperty("understudy.tests", ""));

  /** Which rows of a table a run has. */
  enum Run {
    GATE,
    REST,
    WHOLE;

    private static Run of(String property) {
      return switch (property) {
        case FULL -> WHOLE;
        case "rest" -> REST;
        case "" -> GATE;
        default ->
            throw new IllegalArgumentException(
                "understudy.tests: " + property + " (expected full, rest or nothing)");
      };
    }

    /**
     * The rows of this run; all of them if the gate leaves none out, so that no table is empty.
     *
     * @param gate whether the gate has the row with that number, from 0
     */
    <T> List<T> rows(List<T> all, IntPredicate gate) {
      List<T> rows =
          IntStream.range(0, all.size())
              .filter(i -> this == WHOLE || gate.test(i) == (this == GATE))
              .mapToObj(all::get)
              .toList();
      return rows.isEmpty() ? all : rows;
    }
  }

  private Extent() {}

  /** So many rounds; in the gate a tenth of them, in the rest three tenths, at least one. */
  public static int rounds(int whole) {
    return rounds(whole, Math.max(1, whole / PART));
  }

  /** So many rounds; in the gate so few, in the rest three tenths, at least those of the gate. */
  public static int rounds(int whole, int gate) {
    return switch (RUN) {
      case GATE -> gate;
      case REST -> Math.max(gate, whole * 3 / PART);
      case WHOLE -> whole;
    };
  }

  /** All rows; in the gate every tenth. */
  public static <T> List<T> sample(List<T> rows) {
    return RUN.rows(rows, i -> i % PART == 0);
  }

  /** All rows; in the gate those alone that are chosen for it. */
  public static <T> List<T> chosen(List<T> rows, Predicate<T> gate) {
    return RUN.rows(rows, i -> gate.test(rows.get(i)));
  }

  /**
   * All rows, of which each two show one behaviour in two ways; in the gate one of the two, the
   * first way and the second by turns.
   */
  public static <T> Stream<T> byTurns(Stream<T> pairs) {
    return RUN.rows(pairs.toList(), i -> i % 4 == 0 || i % 4 == 3).stream();
  }

  /**
   * All ways for requests; in the gate the first and the last. They come with the express lane
   * before the Gateway lane, and the plainest protocol before the richest: so each lane is there,
   * in clear and through TLS.
   */
  public static <T> Stream<T> ends(Stream<T> ways) {
    List<T> all = ways.toList();
    return RUN.rows(all, i -> i == 0 || i == all.size() - 1).stream();
  }

  /** The libraries that speak TLS; in the gate the default. */
  public static List<ListenerProperties.Tls.Provider> tlsLibraries() {
    return sample(List.of(ListenerProperties.Tls.Provider.values()));
  }
}
