package dev.understudy.monitor;

import java.util.concurrent.atomic.AtomicLong;

/** What the data plane does for one pool now: written by event loops, read by anyone. */
public final class PoolTraffic {
  private final AtomicLong heldBytes = new AtomicLong();

  /**
   * Bytes of requests' bodies that are kept, because the requests wait or may be sent again, in
   * this replica.
   */
  public AtomicLong heldBytes() {
    return heldBytes;
  }
}
