package dev.understudy.proxy.frontend.http1;

import dev.understudy.proxy.engine.Exchange;
import dev.understudy.proxy.frontend.Frontend;
import dev.understudy.proxy.frontend.LocalResponseSender;
import dev.understudy.proxy.frontend.RequestBodyCounter;
import dev.understudy.proxy.frontend.RoutedRequest;
import dev.understudy.proxy.http.ClientConnection;
import dev.understudy.proxy.http.RequestIds;
import dev.understudy.traffic.Limit;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import org.jspecify.annotations.Nullable;

/**
 * The exchanges on one HTTP/1 connection: requests go to their lane or get a local response. {@link
 * Http1Response} writes the responses; {@link Http1RemainingBody} drops remaining bodies.
 */
final class Http1Exchanges {
  private final Http1Frontend front;
  private final ChannelHandlerContext ctx;
  private final Frontend frontend;
  private final Http1Pipelining pipelining;
  private final Http1Response response;
  private final RequestBodyCounter upload;

  /** The running exchange; null for a local response, or after the end of the exchange. */
  private @Nullable Exchange exchange;

  /** The present request; null between two. */
  private @Nullable RoutedRequest current;

  /**
   * @param ctx the context of the connection's {@link Http1Handler}
   */
  Http1Exchanges(
      Http1Frontend front,
      ChannelHandlerContext ctx,
      Frontend frontend,
      Http1Pipelining pipelining,
      Http1Response response,
      RequestBodyCounter upload) {
    this.front = front;
    this.ctx = ctx;
    this.frontend = frontend;
    this.pipelining = pipelining;
    this.response = response;
    this.upload = upload;
  }

  /** Begins the exchange of a request. */
  void begin(RoutedRequest what) {
    response.by(what);
    current = what;
    Exchange started = what.begin(response);
    if (started != null) {
      pipelining.handshake(what.mayOpenTunnel());
      exchange = started;
      started.start();
    }
  }

  /** Begins and ends the exchange of a request that cannot be forwarded, with an error response. */
  void refuse(HttpRequest refused, String clientTarget, ClientConnection from, int status) {
    response.isLast();
    LocalResponseSender.refuse(frontend, response, refused, clientTarget, from, ids(), status);
  }

  /** Responds with 408 to a head that was not complete in time, and so never became a request. */
  void headIsLate() {
    HttpRequest unknown = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/");
    response.begin(unknown, false, false);
    LocalResponseSender.send(frontend, response, unknown, 408, ids().keepOrMake(null));
  }

  private RequestIds ids() {
    return frontend.on(ctx.channel().eventLoop()).ids();
  }

  /** Passes content of the request to its lane. Takes over the reference. */
  void content(HttpContent content) {
    front.moved();
    response.bodyBegins();
    if (exchange == null) {
      content.release();
    } else if (content.decoderResult().isFailure()) {
      content.release();
      refuse(exchange, 400);
    } else if (upload.isTooLongWith(content)) {
      content.release();
      frontend.listener().limited(Limit.BODY_SIZE);
      refuse(exchange, 413);
    } else {
      RequestBodyCounter.deliver(exchange, content);
    }
  }

  private void refuse(Exchange running, int status) {
    response.isLast();
    running.refuse(status);
  }

  /** Forgets the exchange, which has ended. */
  void over() {
    exchange = null;
    current = null;
  }

  /** Cancels the running exchange, if there is one. */
  void clientGone() {
    Exchange gone = exchange;
    exchange = null;
    if (gone != null) {
      gone.clientGone();
    } else if (current != null) {
      current.clientGone();
    }
  }

  /** Refuses an incomplete request with 408, else resets the connection: the client is idle. */
  void clientIsIdle() {
    if (exchange != null && !pipelining.now().isComplete()) {
      front.moved();
      refuse(exchange, 408);
    } else {
      clientGone();
      response.abort();
    }
  }

  /** Notifies the running exchange, if there is one. */
  void writabilityChanged() {
    if (exchange != null) {
      exchange.writabilityChanged();
    }
  }
}
