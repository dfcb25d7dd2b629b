package dev.understudy.pool;

import java.time.Duration;

/** Checks of compact constructors; {@code config} checks first, with messages for people. */
final class RangeChecks {
  private RangeChecks() {}

  static void requirePositive(Duration value, String name) {
    if (value.isNegative() || value.isZero()) {
      throw new IllegalArgumentException(name + ": expected more than 0, found " + value);
    }
  }

  static void requireNotNegative(Duration value, String name) {
    if (value.isNegative()) {
      throw new IllegalArgumentException(name + ": expected 0 or more, found " + value);
    }
  }

  static void requireAtLeastOne(long value, String name) {
    if (value < 1) {
      throw new IllegalArgumentException(name + ": expected at least 1, found " + value);
    }
  }

  static void requireNotNegative(long value, String name) {
    if (value < 0) {
      throw new IllegalArgumentException(name + ": expected 0 or more, found " + value);
    }
  }
}
