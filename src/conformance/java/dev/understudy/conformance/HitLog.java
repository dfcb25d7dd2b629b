package dev.understudy.conformance;

import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** All requests that reached the servers, by one clock; probes are left out. */
final class HitLog {
  /** No {@code Understudy-Epoch}. */
  static final long NO_EPOCH = -1;

  /**
   * One request.
   *
   * @param nanos when its head came, whether or not the server was frozen or cut off
   * @param order the order that a POST executes; empty for a GET
   */
  record Hit(long nanos, String replica, String server, long epoch, String order) {}

  private final Queue<Hit> hits = new ConcurrentLinkedQueue<>();

  void add(Hit hit) {
    hits.add(hit);
  }

  /** Those since then, in the order in which they came. */
  List<Hit> since(long nanos) {
    return hits.stream()
        .filter(hit -> hit.nanos() - nanos >= 0)
        .sorted(Comparator.comparingLong(Hit::nanos))
        .toList();
  }
}
