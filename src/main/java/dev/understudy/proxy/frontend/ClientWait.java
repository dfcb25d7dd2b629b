package dev.understudy.proxy.frontend;

import dev.understudy.proxy.eventloop.SlotList;
import io.netty.channel.Channel;

/** Measures how long the proxy has waited for the client, on one connection or one stream. */
public class ClientWait extends SlotList.Element {
  private final FrontendLoop loop;
  private long sinceMark;
  private long pendingSeen;

  /**
   * Begins with a wait.
   *
   * @param since the start of the wait, by {@link FrontendLoop#mark}
   */
  public ClientWait(FrontendLoop loop, long since) {
    this.loop = loop;
    this.sinceMark = since;
  }

  /** Restarts the wait: bytes were received or sent. */
  public final void moved() {
    sinceMark = loop.mark();
  }

  /** The start of the wait, by {@link FrontendLoop#mark}. */
  public final long since() {
    return sinceMark;
  }

  /** The length of the wait in nanoseconds, by the clock of {@link TimedConnection#sweep}. */
  public final long waited(long nowClock) {
    return nowClock - sinceMark;
  }

  /**
   * Whether the next move is the client's: to read written bytes, or else to send requested ones.
   * Bytes that the client has read since the last call restart the wait.
   *
   * @param wanted whether more of the client's request has been requested
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
