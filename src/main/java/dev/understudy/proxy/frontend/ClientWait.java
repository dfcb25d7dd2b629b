package dev.understudy.proxy.frontend;

import dev.understudy.proxy.eventloop.SlotList;

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
   * @param writable whether the client takes more
   * @param pending a number that changes when the client reads
   * @param wanted whether more of the client's request has been requested
   */
  public final boolean isClientsTurn(boolean writable, long pending, boolean wanted) {
    if (writable) {
      return wanted;
    }
    if (pending != pendingSeen) {
      pendingSeen = pending;
      moved();
      return false;
    }
    return true;
  }
}
