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
 * The Gateway's turns on one HTTP/1 connection: its requests go on to Reactor Netty, whose
 * responses come back. A turn is over when the request went on whole and its final response was
 * written.
 *
 * <p>Reactor Netty never sees what breaks a rule in the middle of a request: it would answer by
 * itself, even twice (see {@link RefusedRequest}).
 */
// A write that fails closes the channel, and that is seen.
@SuppressWarnings("FutureReturnValueIgnored")
final class Http1Gateway {
  /** How much of the final response has come by. */
  private enum Written {
    NOTHING,
    HEAD,
    ALL
  }

  private final Http1Front front;
  private final Http1Turns turns;
  private Written written = Written.NOTHING;
  private boolean refused;

  /** The connection ends with the response. */
  private boolean last;

  private boolean passedOn;

  /** Reactor Netty waits for the end of a request that was answered before it. */
  private boolean endAwaited;

  Http1Gateway(Http1Front front, Http1Turns turns) {
    this.front = front;
    this.turns = turns;
  }

  /**
   * Its turn has come; {@link #pass} follows.
   *
   * @param keepAlive whether the connection may be used again afterwards
   */
  void begin(HttpRequest request, boolean keepAlive) {
    written = Written.NOTHING;
    refused = false;
    last = false;
    if (!keepAlive) {
      // Beside the client's own options.
      request.headers().add(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    }
  }

  /** Takes over the reference. */
  void pass(ChannelHandlerContext ctx, Object msg) {
    passedOn = true;
    ctx.fireChannelRead(msg);
  }

  /** What has come is passed on. */
  void hasAll(ChannelHandlerContext ctx) {
    if (passedOn || turns.is(Turn.GIVEN_AWAY)) {
      passedOn = false;
      ctx.fireChannelReadComplete();
    }
  }

  /** The rest of a request that was answered has been dropped. */
  void restEnded(ChannelHandlerContext ctx) {
    if (endAwaited) {
      endAwaited = false;
      ctx.fireChannelRead(LastHttpContent.EMPTY_LAST_CONTENT);
      ctx.fireChannelReadComplete();
    }
  }

  /**
   * What the client sends breaks a rule, or does not come. The response is of that status if there
   * is none yet, and the last in any case.
   *
   * @return whether there will be one; false: it is too late
   */
  boolean refuse(ChannelHandlerContext ctx, int status) {
    boolean first = !refused;
    refused = true;
    if (written == Written.NOTHING && first) {
      ctx.fireUserEventTriggered(new RefusedRequest(status));
    } else if (written == Written.ALL) {
      front.answeredForTheLastTime();
    }
    return written != Written.HEAD;
  }

  /** Whether nothing more of the request is passed on. */
  boolean isRefused() {
    return refused;
  }

  /** Reactor Netty's response, piece by piece. */
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

  /** Reactor Netty answers with the client's version; ours it is (RFC 9110 §2.5). */
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
      front.answeredForTheLastTime();
    } else {
      endAwaited = !turns.isRequestEnded();
      front.answered();
    }
  }

  /** Whether the whole response has come by, and Reactor Netty ends the connection behind it. */
  boolean isOver() {
    return written == Written.ALL;
  }
}
