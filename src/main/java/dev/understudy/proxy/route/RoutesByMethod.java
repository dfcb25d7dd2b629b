package dev.understudy.proxy.route;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The rank of the first route for each method, among routes with the same host and path. */
final class RoutesByMethod {
  private final int[] first = new int[Methods.COUNT];

  RoutesByMethod() {
    Arrays.fill(first, NameTree.NONE);
  }

  void add(int rank, int methods) {
    for (int i = 0; i < first.length; i++) {
      if ((methods & (1 << i)) != 0) {
        first[i] = Math.min(first[i], rank);
      }
    }
  }

  /** Adds the routes of another slot; null is one without routes. */
  void add(@Nullable RoutesByMethod other) {
    for (int i = 0; other != null && i < first.length; i++) {
      first[i] = Math.min(first[i], other.first[i]);
    }
  }

  /** The rank of the first route for a method. */
  int first(int method) {
    return first[method];
  }
}
