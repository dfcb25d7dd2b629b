package dev.understudy.proxy.front.http1;

import dev.understudy.proxy.front.RefusedRequest;
import dev.understudy.proxy.front.http1.Http1Turns.Turn;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;

/**
 * The Gateway lane's turns on one HTTP/1 connection: its requests go to Reactor Netty, whose
 * responses come back. A turn ends when the whole request was passed on and its final response was
 * written.
 *
 * <p>Reactor Netty never sees a violation in the middle of a request: it would respond by itself,
 * even twice (see {@link RefusedRequest}).
 */
// A failed write closes the channel, which channelInactive reports.
@SuppressWarnings("FutureReturnValueIgnored")
final class Http1Gateway {
  /** The progress of the final response. */
  private enum Written {
    NOTHING,
    HEAD,
    ALL
  }

  private final Http1Front front;
  private final Http1Turns turns;
  private Written written = Written.NOTHING;
  private boolean refused;

  /** Whether the connection ends with the response. */
  private boolean last;

  private boolean passedOn;

  /** Whether Reactor Netty still waits for the end of a request whose response is written. */
  private boolean endAwaited;

  Http1Gateway(Http1Front front, Http1Turns turns) {
    this.front = front;
    this.turns = turns;
  }

  /**
   * Begins a turn; {@link #pass} must follow.
   *
   * @param keepAlive whether the connection may be reused after the response
   */
  void begin(HttpRequest request, boolean keepAlive) {
    written = Written.NOTHING;
    refused = false;
    last = false;
    if (!keepAlive) {
      // Added to the client's own options.
      request.headers().add(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    }
  }

  /** Passes a message to Reactor Netty. Takes over the reference. */
  void pass(ChannelHandlerContext ctx, Object msg) {
    passedOn = true;
    ctx.fireChannelRead(msg);
  }

  /** Reports the end of a read, if it brought anything. */
  void hasAll(ChannelHandlerContext ctx) {
    if (passedOn || turns.is(Turn.GIVEN_AWAY)) {
      passedOn = false;
      ctx.fireChannelReadComplete();
    }
  }

  /** Passes the end of the request on, after its remaining body has been dropped. */
  void restEnded(ChannelHandlerContext ctx) {
    if (endAwaited) {
      endAwaited = false;
      ctx.fireChannelRead(LastHttpContent.EMPTY_LAST_CONTENT);
      ctx.fireChannelReadComplete();
    }
  }

  /**
   * Refuses the request, which broke a rule or did not arrive in time: with the status if no
   * response has begun. The connection ends with the response in any case.
   *
   * @return false if the response has begun and is not complete, so that it must be aborted
   */
  boolean refuse(ChannelHandlerContext ctx, int status) {
    boolean first = !refused;
    refused = true;
    if (written == Written.NOTHING && first) {
      ctx.fireUserEventTriggered(new RefusedRequest(status));
    } else if (written == Written.ALL) {
      front.lastResponseEnded();
    }
    return written != Written.HEAD;
  }

  /** Whether the request is refused, so that nothing more of it is passed on. */
  boolean isRefused() {
    return refused;
  }

  /** Writes one message of Reactor Netty's response. */
  void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
    if (msg instanceof HttpResponse head) {
      if (head.status().codeClass() == HttpStatusClass.INFORMATIONAL) {
        informational(ctx, head, promise);
        return;
      }
      speakOurVersion(head);
      front.gatewayResponses(head);
      boolean late = Http1Response.isLate(head) && !turns.isRequestEnded();
      if (refused || late || front.isLastOfAll()) {
        HttpUtil.setKeepAlive(head, false);
      }
      last = !HttpUtil.isKeepAlive(head);
      written = Written.HEAD;
    }
    if (msg instanceof LastHttpContent) {
      written = Written.ALL;
      ctx.write(msg, promise.unvoid())
          .addListener(done -> ctx.channel().eventLoop().execute(this::answered));
    } else {
      ctx.write(msg, promise);
    }
  }

  private void informational(ChannelHandlerContext ctx, HttpResponse head, ChannelPromise promise) {
    ctx.write(head, promise);
    if (HttpResponseStatus.SWITCHING_PROTOCOLS.equals(head.status())) {
      turns.become(Turn.GIVEN_AWAY);
    }
  }

  /** Sets the proxy's own version where Reactor Netty copied the client's 1.0 (RFC 9110 §2.5). */
  private static void speakOurVersion(HttpResponse head) {
    if (HttpVersion.HTTP_1_0.equals(head.protocolVersion())) {
      boolean kept = HttpUtil.isKeepAlive(head);
      head.setProtocolVersion(HttpVersion.HTTP_1_1);
      head.headers()
          .set(
              HttpHeaderNames.CONNECTION,
              kept ? HttpHeaderValues.KEEP_ALIVE : HttpHeaderValues.CLOSE);
    }
  }

  private void answered() {
    if (!turns.is(Turn.GATEWAY)) {
      return;
    }
    if (last) {
      front.lastResponseEnded();
    } else {
      endAwaited = !turns.isRequestEnded();
      front.responseEnded();
    }
  }

  /** Whether the whole response was written. */
  boolean isOver() {
    return written == Written.ALL;
  }
}
