package dev.understudy.proxy.front.http1;

import dev.understudy.proxy.front.RemainingBodyLimits;
import dev.understudy.proxy.front.Upload;
import dev.understudy.proxy.front.http1.Http1Turns.Turn;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpContent;

/**
 * What comes on one HTTP/1 connection after a response: the rest of its request, or anything after
 * the last response. It is dropped, within {@link RemainingBodyLimits}'s bounds.
 */
// A close that fails has closed.
@SuppressWarnings("FutureReturnValueIgnored")
final class Http1Rest {
  private final Http1Front front;
  private final ChannelHandlerContext ctx;
  private final Http1Turns turns;
  private final Upload upload;
  private final StagedClose close;

  /**
   * @param ctx the front's
   */
  Http1Rest(Http1Front front, ChannelHandlerContext ctx, Http1Turns turns, Upload upload) {
    this.front = front;
    this.ctx = ctx;
    this.turns = turns;
    this.upload = upload;
    this.close = new StagedClose(ctx);
  }

  /** The response is written, its request has not ended. */
  void begin(Turn next) {
    turns.become(next);
    upload.begin();
    front.restBegins();
  }

  /**
   * The last response is written: nothing that comes is a request any more.
   *
   * @param clear whether the client has nothing more to send, as far as is known
   */
  void end(boolean clear) {
    begin(Turn.LINGERING);
    if (clear) {
      LastFlush.andClose(ctx);
    } else {
      close.begin();
    }
  }

  /** A piece of the request that was answered. Takes over the reference. */
  void left(HttpContent content) {
    boolean broken = content.decoderResult().isFailure();
    if (isTooMuch(content)) {
      ctx.close();
    } else if (broken) {
      end(false);
    } else if (turns.isRequestEnded()) {
      front.restEnded();
    }
  }

  /** Anything after the last response. Takes over the reference. */
  void drop(Object msg) {
    if (isTooMuch(msg)) {
      ctx.close();
    }
  }

  /** Nothing more comes: closes as soon as what was written has left. */
  void finish() {
    close.finish();
  }

  private boolean isTooMuch(Object msg) {
    front.moved();
    return upload.isMoreThan(RemainingBodyLimits.MAX_CONNECTION_BYTES, msg);
  }
}
