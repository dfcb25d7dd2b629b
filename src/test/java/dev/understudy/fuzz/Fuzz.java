package dev.understudy.fuzz;

import java.io.IOException;

/** Scripts of one protocol, each of them made from a number. */
@FunctionalInterface
public interface Fuzz {
  /** Plays and judges the script of that seed; null: all is well. */
  Failure failure(long seed) throws IOException;
}
