package dev.understudy.proxy.frontend.http1;

import io.netty.channel.ChannelHandlerContext;

/**
 * Decides when one HTTP/1 connection is read, so that backpressure reaches a client which sends
 * faster than the server takes: a request is read only as far as it was asked for, and nothing is
 * read while input waits, nor between requests while the client does not read the responses. One
 * read is outstanding while a response is awaited, to detect aborts.
 */
final class Http1Reads {
  private final ChannelHandlerContext ctx;
  private final Http1Pipelining pipelining;
  private boolean wanted;

  private boolean ended;

  /**
   * @param ctx the context of the connection's {@link Http1Handler}
   */
  Http1Reads(ChannelHandlerContext ctx, Http1Pipelining pipelining) {
    this.ctx = ctx;
    this.pipelining = pipelining;
  }

  /** Whether more of the request was asked for and has not arrived. */
  boolean isWanted() {
    return wanted;
  }

  /** Notes the arrival of input that was asked for. */
  void arrived() {
    wanted = false;
  }

  /** Reads more of the request. */
  void want() {
    wanted = true;
    read();
  }

  /** Reads again after the end of a read, if the state needs it. */
  void goOn() {
    if (pipelining.readsOn(wanted)) {
      read();
    }
  }

  /** Reads unless the client's input has ended. */
  void read() {
    if (!ended) {
      ctx.read();
    }
  }

  /** Notes the end of the client's input: no read follows. */
  void end() {
    ended = true;
  }

  /** Whether the client's input has ended; the client may still read. */
  boolean isEnded() {
    return ended;
  }
}
