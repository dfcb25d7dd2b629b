package dev.understudy.proxy.frontend.http1;

import dev.understudy.proxy.frontend.GatewayBridge;
import dev.understudy.proxy.frontend.GatewayRequest;
import dev.understudy.proxy.frontend.RequestRefusedException;
import dev.understudy.proxy.frontend.http1.Http1Pipelining.State;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import org.jspecify.annotations.Nullable;

/**
 * The Gateway lane's exchanges on one HTTP/1 connection: its requests go to Reactor Netty, whose
 * responses come back. An exchange ends when the whole request was passed on and its final response
 * was written.
 *
 * <p>Reactor Netty never sees a violation in the middle of a request: it would respond by itself,
 * even twice (see {@link RequestRefusedException}).
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

  private final Http1Frontend front;
  private final Http1Pipelining pipelining;
  private final Http1Response response;

  /** The present exchange; null between exchanges. */
  private @Nullable GatewayBridge current;

  private Written written = Written.NOTHING;
  private boolean refused;

  /** Whether the connection ends with the response. */
  private boolean last;

  private boolean passedOn;

  /** Whether Reactor Netty still waits for the end of a request whose response is written. */
  private boolean endAwaited;

  Http1Gateway(Http1Frontend front, Http1Pipelining pipelining, Http1Response response) {
    this.front = front;
    this.pipelining = pipelining;
    this.response = response;
  }

  /**
   * Begins an exchange; {@link #pass} must follow.
   *
   * @param keepAlive whether the connection may be reused after the response
   */
  void begin(
      ChannelHandlerContext ctx, HttpRequest request, GatewayRequest what, boolean keepAlive) {
    written = Written.NOTHING;
    refused = false;
    last = false;
    current = GatewayBridge.begin(ctx.channel(), what, request, response);
    if (!keepAlive) {
      // Added to the client's own options.
      request.headers().add(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    }
  }

  /** Passes a message to Reactor Netty. Takes over the reference. */
  void pass(ChannelHandlerContext ctx, Object msg) {
    passedOn = true;
    if (current != null && msg instanceof HttpContent) {
      response.bodyBegins();
      ctx.fireChannelRead(current.passOn(msg));
    } else {
      ctx.fireChannelRead(msg);
    }
  }

  /** Reports the end of a read, if it brought anything. */
  void hasAll(ChannelHandlerContext ctx) {
    if (passedOn || pipelining.is(State.GIVEN_AWAY)) {
      passedOn = false;
      ctx.fireChannelReadComplete();
    }
  }

  /** Passes the end of the request on, after its remaining body has been dropped. */
  void remainingBodyEnded(ChannelHandlerContext ctx) {
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
  boolean refuse(int status) {
    boolean first = !refused;
    refused = true;
    if (written == Written.NOTHING && first && current != null) {
      current.refuse(status);
    } else if (written == Written.ALL) {
      front.lastResponseEnded();
    }
    return written != Written.HEAD;
  }

  /** Refuses an incomplete request with 408, else resets the connection: the client is idle. */
  void clientIsIdle() {
    if (pipelining.isRequestEnded() || refused || !refuse(408)) {
      response.abort();
    } else {
      front.moved();
    }
  }

  /** Notifies the lane of a change of the channel's writability. */
  void writabilityChanged() {
    if (current != null) {
      current.writabilityChanged();
    }
  }

  /** Ends the present exchange, if there is one. */
  void over() {
    GatewayBridge ended = current;
    current = null;
    if (ended != null) {
      ended.over();
    }
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
      if (current != null) {
        current.restore(head);
      }
      last = !response.frame(head, HttpUtil.isKeepAlive(head) && !refused);
      written = Written.HEAD;
    }
    if (msg instanceof LastHttpContent) {
      written = Written.ALL;
      ctx.write(msg, promise.unvoid())
          .addListener(done -> ctx.channel().eventLoop().execute(this::responseEnded));
    } else {
      ctx.write(msg, promise);
    }
  }

  private void informational(ChannelHandlerContext ctx, HttpResponse head, ChannelPromise promise) {
    ctx.write(head, promise);
    if (HttpResponseStatus.SWITCHING_PROTOCOLS.equals(head.status())) {
      pipelining.become(State.GIVEN_AWAY);
    }
  }

  private void responseEnded() {
    if (!pipelining.is(State.GATEWAY)) {
      return;
    }
    if (last) {
      front.lastResponseEnded();
    } else {
      endAwaited = !pipelining.isRequestEnded();
      front.responseEnded();
    }
  }

  /** Whether the whole response was written. */
  boolean isOver() {
    return written == Written.ALL;
  }
}
