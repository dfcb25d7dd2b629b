package dev.understudy.proxy.front;

import io.netty.channel.Channel;

/** How long a client has kept us waiting; of one connection, or of one stream of it. */
public class ClientWait {
  private final FrontLoop loop;
  private long sinceMark;
  private long pendingSeen;

  /**
   * It waits already.
   *
   * @param since by {@link FrontLoop#mark}
   */
  public ClientWait(FrontLoop loop, long since) {
    this.loop = loop;
    this.sinceMark = since;
  }

  /** Something came or went: the wait begins anew. */
  public final void moved() {
    sinceMark = loop.mark();
  }

  /** By {@link FrontLoop#mark}. */
  public final long since() {
    return sinceMark;
  }

  /** Nanoseconds, by what {@link TimedConnection#sweep} is given. */
  public final long waited(long nowClock) {
    return nowClock - sinceMark;
  }

  /**
   * Whether the next move is the client's: to read what was written, or else to send what is
   * wanted. What it has read since the last call begins the wait anew.
   *
   * @param wanted whether more of its request is
   */
  public final boolean isClientsTurn(Channel channel, boolean wanted) {
    if (channel.isWritable()) {
      return wanted;
    }
    long pending = channel.bytesBeforeWritable();
    if (pending != pendingSeen) {
      pendingSeen = pending;
      moved();
      return false;
    }
    return true;
  }
}
