package dev.understudy.proxy.eventloop;

import io.netty.channel.Channel;

/**
 * Flushes a channel once for all writes in the same turn of its event loop. Used only on that loop.
 */
public final class CoalescedFlush {
  private final Channel channel;
  private final Runnable flush = this::flush;
  private boolean planned;

  public CoalescedFlush(Channel channel) {
    this.channel = channel;
  }

  /** Plans a flush for the end of the turn, unless one is planned. */
  public void plan() {
    if (!planned) {
      planned = true;
      channel.eventLoop().execute(flush);
    }
  }

  private void flush() {
    planned = false;
    channel.flush();
  }
}
