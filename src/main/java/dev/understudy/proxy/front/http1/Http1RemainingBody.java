package dev.understudy.proxy.front.http1;

import dev.understudy.proxy.front.RemainingBodyLimits;
import dev.understudy.proxy.front.Upload;
import dev.understudy.proxy.front.http1.Http1Turns.Turn;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpContent;

/**
 * Drops the input on one HTTP/1 connection after a response, within the bounds of {@link
 * RemainingBodyLimits}: the remaining body, or any input after the last response.
 */
// A failed close leaves the channel closed.
@SuppressWarnings("FutureReturnValueIgnored")
final class Http1RemainingBody {
  private final Http1Front front;
  private final ChannelHandlerContext ctx;
  private final Http1Turns turns;
  private final Upload upload;
  private final StagedClose close;

  /**
   * @param ctx the context of the connection's {@link Http1Handler}
   */
  Http1RemainingBody(Http1Front front, ChannelHandlerContext ctx, Http1Turns turns, Upload upload) {
    this.front = front;
    this.ctx = ctx;
    this.turns = turns;
    this.upload = upload;
    this.close = new StagedClose(ctx);
  }

  /**
   * Begins to drop input.
   *
   * @param next {@link Turn#REMAINING_BODY} or {@link Turn#LINGERING}
   */
  void begin(Turn next) {
    turns.become(next);
    upload.begin();
    front.remainingBodyBegins();
  }

  /**
   * Ends the connection after the last response; all further input is dropped.
   *
   * @param clear whether the client is known to have nothing more to send
   */
  void end(boolean clear) {
    begin(Turn.LINGERING);
    if (clear) {
      LastFlush.andClose(ctx);
    } else {
      close.begin();
    }
  }

  /** Drops content of the remaining body. Takes over the reference. */
  void received(HttpContent content) {
    boolean broken = content.decoderResult().isFailure();
    if (isTooMuch(content)) {
      ctx.close();
    } else if (broken) {
      end(false);
    } else if (turns.isRequestEnded()) {
      front.remainingBodyEnded();
    }
  }

  /** Drops input after the last response. Takes over the reference. */
  void drop(Object msg) {
    if (isTooMuch(msg)) {
      ctx.close();
    }
  }

  /** Closes the connection once all written bytes are sent; no more input is expected. */
  void finish() {
    close.finish();
  }

  private boolean isTooMuch(Object msg) {
    front.moved();
    return upload.isMoreThan(RemainingBodyLimits.MAX_CONNECTION_BYTES, msg);
  }
}
