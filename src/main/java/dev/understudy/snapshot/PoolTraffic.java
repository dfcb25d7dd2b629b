package dev.understudy.snapshot;

import java.util.concurrent.atomic.AtomicLong;

/** Live counters of one pool in this replica: written by event loops, read by any thread. */
public final class PoolTraffic {
  private final AtomicLong heldBytes = new AtomicLong();

  /**
   * Bytes of request bodies that are kept in this replica while their requests wait or may be
   * replayed.
   */
  public AtomicLong heldBytes() {
    return heldBytes;
  }
}
