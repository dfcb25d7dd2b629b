package dev.understudy.proxy.route;

import java.util.Arrays;

/** Of the routes with the same host and path, the first for each method. */
final class Slot {
  private final int[] first = new int[Methods.COUNT];

  Slot() {
    Arrays.fill(first, Tree.NONE);
  }

  void add(int rank, int methods) {
    for (int i = 0; i < first.length; i++) {
      if ((methods & (1 << i)) != 0) {
        first[i] = Math.min(first[i], rank);
      }
    }
  }

  /** Its rank. */
  int first(int method) {
    return first[method];
  }
}
