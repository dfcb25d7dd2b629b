package dev.understudy.proxy.frontend.http1;

import dev.understudy.proxy.frontend.Frontend;
import dev.understudy.proxy.frontend.GatewayBridge;
import dev.understudy.proxy.frontend.GatewayRequest;
import dev.understudy.proxy.frontend.RequestBodyCounter;
import dev.understudy.proxy.frontend.RequestRefusedException;
import dev.understudy.traffic.Limit;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpObject;
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
  private final ChannelHandlerContext ctx;
  private final Frontend frontend;
  private final Http1Pipelining pipelining;
  private final Http1Reads reads;
  private final Http1Response response;
  private final RequestBodyCounter upload;

  /** The present exchange; null between exchanges. */
  private @Nullable GatewayBridge current;

  private Written written = Written.NOTHING;
  private boolean refused;

  /** Whether the connection ends with the response. */
  private boolean last;

  private boolean passedOn;

  /** Whether Reactor Netty still waits for the end of a request whose response is written. */
  private boolean endAwaited;

  /**
   * @param ctx the context of the connection's {@link Http1Handler}
   */
  Http1Gateway(
      Http1Frontend front,
      ChannelHandlerContext ctx,
      Frontend frontend,
      Http1Pipelining pipelining,
      Http1Reads reads,
      Http1Response response,
      RequestBodyCounter upload) {
    this.front = front;
    this.ctx = ctx;
    this.frontend = frontend;
    this.pipelining = pipelining;
    this.reads = reads;
    this.response = response;
    this.upload = upload;
  }

  /**
   * Begins an exchange; {@link #pass} must follow.
   *
   * @param keepAlive whether the connection may be reused after the response
   */
  void begin(HttpRequest request, GatewayRequest what, boolean keepAlive) {
    written = Written.NOTHING;
    refused = false;
    last = false;
    current = GatewayBridge.begin(ctx.channel(), what, request, response);
    if (!keepAlive) {
      // Added to the client's own options.
      request.headers().add(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    }
  }

  /** Passes a message to Reactor Netty, unless it is refused. Takes over the reference. */
  void pass(Object msg) {
    if (msg instanceof HttpContent content && isRefused(content)) {
      content.release();
      return;
    }
    pipelining.piece(msg);
    reads.arrived();
    front.moved();
    passedOn = true;
    if (current != null && msg instanceof HttpContent) {
      response.bodyBegins();
      ctx.fireChannelRead(current.passOn(msg));
    } else {
      ctx.fireChannelRead(msg);
    }
  }

  /** Reports the end of a read, if it brought anything. */
  void hasAll() {
    if (passedOn || pipelining.is(Http1State.GIVEN_AWAY)) {
      passedOn = false;
      ctx.fireChannelReadComplete();
    }
  }

  /** Passes the end of the request on, after its remaining body has been dropped. */
  void remainingBodyEnded() {
    if (endAwaited) {
      endAwaited = false;
      ctx.fireChannelRead(LastHttpContent.EMPTY_LAST_CONTENT);
      ctx.fireChannelReadComplete();
    }
  }

  /**
   * Whether this and all further content of the request is withheld from Reactor Netty; refuses the
   * request if the content breaks a rule.
   */
  private boolean isRefused(HttpContent content) {
    if (!refused && content.decoderResult().isFailure()) {
      refuse(400);
    } else if (!refused && pipelining.now().isGateway() && upload.isTooLongWith(content)) {
      frontend.listener().limited(Limit.BODY_SIZE);
      refuse(413);
    }
    return refused;
  }

  /**
   * Refuses the request, which broke a rule or did not arrive in time: with the status if no
   * response has begun; aborts a response that is not complete. The connection ends with the
   * response in any case.
   */
  private void refuse(int status) {
    refused = true;
    switch (written) {
      case NOTHING -> {
        if (current != null) {
          current.refuse(status);
        }
      }
      case HEAD -> response.abort();
      case ALL -> front.lastResponseEnded();
    }
  }

  /** Refuses an incomplete request with 408, else resets the connection: the client is idle. */
  void clientIsIdle() {
    if (pipelining.now().isComplete() || refused) {
      response.abort();
    } else {
      front.moved();
      refuse(408);
    }
  }

  /** Handles a read of Reactor Netty's. */
  void wantsMore() {
    if (!pipelining.now().isGateway() || !refused) {
      reads.gatewayWants();
    }
  }

  /**
   * Handles Reactor Netty's close of the channel after a whole response. Returns true if the
   * frontend closes the connection in stages instead, because the client may still be sending.
   */
  boolean closes() {
    boolean ours =
        pipelining.now().isGateway() && written == Written.ALL && !front.hasNothingMore();
    if (ours) {
      front.lastResponseEnded();
    }
    return ours;
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

  /** Handles what Reactor Netty writes. */
  void writes(Object msg, ChannelPromise promise) {
    if (pipelining.now().isGateway()) {
      front.moved();
      write(msg, promise);
    } else if (pipelining.is(Http1State.LINGERING) && msg instanceof HttpObject) {
      GatewayBridge.discard(msg, promise);
    } else {
      ctx.write(msg, promise);
    }
  }

  /** Writes one message of the response. */
  private void write(Object msg, ChannelPromise promise) {
    if (msg instanceof HttpResponse head) {
      if (head.status().codeClass() == HttpStatusClass.INFORMATIONAL) {
        informational(head, promise);
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

  private void informational(HttpResponse head, ChannelPromise promise) {
    ctx.write(head, promise);
    if (HttpResponseStatus.SWITCHING_PROTOCOLS.equals(head.status())) {
      pipelining.on(Http1State.Event.UPGRADE);
    }
  }

  private void responseEnded() {
    if (!pipelining.now().isGateway()) {
      return;
    }
    if (last) {
      front.lastResponseEnded();
    } else {
      endAwaited = !pipelining.now().isComplete();
      front.responseEnded();
    }
  }
}
