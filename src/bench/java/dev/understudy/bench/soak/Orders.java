package dev.understudy.bench.soak;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** Compares the clients' orders with the servers' records. */
final class Orders {
  private final AtomicLong last = new AtomicLong();
  private final Set<String> confirmed = ConcurrentHashMap.newKeySet();
  private final Set<String> withdrawn = ConcurrentHashMap.newKeySet();

  /** A new one's id. */
  String next() {
    return "o" + last.incrementAndGet();
  }

  /** The client got a response of 200. */
  void confirmed(String id) {
    confirmed.add(id);
  }

  /** The client left before it had sent all of it: nobody may execute it. */
  void withdrawn(String id) {
    withdrawn.add(id);
  }

  /**
   * How the books compare; all must be 0.
   *
   * @param twice executed more than once
   * @param forgotten confirmed and never executed
   * @param torn executed although only a part was sent
   */
  record Audit(long twice, long forgotten, long torn) {
    boolean isClean() {
      return twice == 0 && forgotten == 0 && torn == 0;
    }
  }

  Audit audit(List<String> executed) {
    Set<String> done = new HashSet<>();
    long twice = executed.stream().filter(id -> !done.add(id)).count();
    return new Audit(
        twice,
        confirmed.stream().filter(id -> !done.contains(id)).count(),
        withdrawn.stream().filter(done::contains).count());
  }
}
