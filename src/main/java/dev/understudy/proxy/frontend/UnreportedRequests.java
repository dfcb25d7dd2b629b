package dev.understudy.proxy.frontend;

import java.util.ArrayList;
import java.util.List;

/**
 * The requests of one event loop's client connections that have begun since these were last looked
 * at. Most requests end before they are reported, so that no loop waits for what all loops count;
 * the less is free, the sooner they are: see {@link MemoryShares#unreported}. Used on the event
 * loop only.
 */
final class UnreportedRequests {
  private final ClientMemoryBudget budget;
  private final List<ClientMemory> connections = new ArrayList<>();

  /** What they cost when they began, in bytes; some have ended since. */
  private long bytes;

  UnreportedRequests(ClientMemoryBudget budget) {
    this.budget = budget;
  }

  /**
   * Counts that the requests of a connection cost so many bytes more. May report those of all.
   *
   * @param first whether the connection is not among them yet
   */
  void add(ClientMemory of, boolean first, long more) {
    if (first) {
      connections.add(of);
    }
    bytes += more;
    if (bytes > budget.unreported()) {
      report();
    }
  }

  /** Reports what the requests of all of them cost now. */
  void report() {
    connections.forEach(ClientMemory::reportRequests);
    connections.clear();
    bytes = 0;
  }
}
