package dev.understudy.testing;

import java.util.ArrayList;
import java.util.List;

/**
 * Makes what fails shorter: leaves out halves, then quarters and so on down to single parts, and
 * keeps what still fails. A trial that happens to pass keeps more than is needed, never less.
 */
public final class Reduction {
  /** Tries a part of what failed. */
  @FunctionalInterface
  public interface Trial<T, X extends Exception> {
    /** Whether it fails. */
    boolean fails(List<T> part) throws X;
  }

  private Reduction() {}

  /** The shortest that was found to fail within that many trials. */
  public static <T, X extends Exception> List<T> reduce(
      List<T> failing, int trials, Trial<T, X> trial) throws X {
    List<T> kept = failing;
    int left = trials;
    int size = (kept.size() + 1) / 2;
    while (size > 0 && kept.size() > 1) {
      int from = 0;
      while (from < kept.size() && kept.size() > 1) {
        List<T> rest = new ArrayList<>(kept);
        rest.subList(from, Math.min(from + size, kept.size())).clear();
        if (left-- == 0) {
          return kept;
        }
        if (!rest.isEmpty() && trial.fails(rest)) {
          kept = rest;
        } else {
          from += size;
        }
      }
      size = size == 1 ? 0 : (Math.min(size, kept.size()) + 1) / 2;
    }
    return kept;
  }
}
