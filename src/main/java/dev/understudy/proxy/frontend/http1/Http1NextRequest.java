package dev.understudy.proxy.frontend.http1;

import io.netty.channel.ChannelHandlerContext;

/**
 * Leads one HTTP/1 connection from the end of an exchange to the next request: one that is queued,
 * one that {@link RequestDecoder} holds back, or one that must be read.
 */
final class Http1NextRequest {
  /** Whether the queued messages are being taken. */
  private enum Taking {
    NO,
    /** A task of the event loop is due that takes them. */
    SCHEDULED,
    YES
  }

  private final Http1Frontend front;
  private final ChannelHandlerContext ctx;
  private final Http1Pipelining pipelining;
  private final Http1Reads reads;
  private final RequestDecoder decoder;
  private Taking taking = Taking.NO;

  /**
   * @param ctx the context of the connection's {@link Http1Handler}
   */
  Http1NextRequest(
      Http1Frontend front,
      ChannelHandlerContext ctx,
      Http1Pipelining pipelining,
      Http1Reads reads,
      RequestDecoder decoder) {
    this.front = front;
    this.ctx = ctx;
    this.pipelining = pipelining;
    this.reads = reads;
    this.decoder = decoder;
  }

  /** Handles the end of an exchange. */
  void exchangeEnded() {
    front.lifetime().turned();
    if (taking != Taking.YES) {
      await();
    }
  }

  /**
   * Waits for a request, once the client has read enough of the earlier responses. Messages that
   * are already queued are taken in a later task of the event loop.
   */
  private void await() {
    if (pipelining.isHeldBack()) {
      return;
    }
    if (pipelining.hasLater()) {
      if (taking == Taking.NO) {
        taking = Taking.SCHEDULED;
        ctx.channel().eventLoop().execute(this::takeLater);
      }
      return;
    }
    var unused = decoder.resume();
    if (reads.isEnded()) {
      front.endUnlessDue();
      return;
    }
    reads.read();
    if (front.lifetime().isDraining()) {
      front.lifetime().drain();
    }
  }

  /**
   * Handles a channel that has become writable. In a later task: it can become so while a response
   * is being written.
   */
  void writable() {
    if (pipelining.is(Http1State.WAITING)) {
      ctx.channel().eventLoop().execute(this::afterWritable);
    }
  }

  private void afterWritable() {
    if (!ctx.isRemoved() && pipelining.is(Http1State.WAITING)) {
      await();
    }
  }

  private void takeLater() {
    taking = Taking.NO;
    if (ctx.isRemoved()) {
      return; // The connection has ended since this task was submitted.
    }
    taking = Taking.YES;
    for (Object msg = pipelining.pollLater(); msg != null; msg = pipelining.pollLater()) {
      front.take(msg);
    }
    boolean resumed =
        pipelining.is(Http1State.WAITING) && !pipelining.isHeldBack() && decoder.resume();
    taking = Taking.NO;
    if (pipelining.is(Http1State.WAITING)) {
      exchangeEnded();
    } else if (!pipelining.hasLater()) {
      if (reads.isEnded()) {
        front.endUnlessDue();
      } else {
        reads.goOn();
      }
    }
    if (resumed) {
      front.lifetime().readIsOver();
    }
  }
}
