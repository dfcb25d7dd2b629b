package dev.understudy.proxy.front;

import java.util.concurrent.TimeUnit;

/**
 * What a client may still send of a request that has been answered, or before we close: a little,
 * because refusing it at once could destroy the answer before the client has read it.
 */
public final class Leftover {
  /** Of its body. */
  public static final int MAX_BYTES = 256 * 1024;

  /** Since the answer was written. */
  public static final long MAX_NANOS = TimeUnit.SECONDS.toNanos(5);

  private Leftover() {}
}
