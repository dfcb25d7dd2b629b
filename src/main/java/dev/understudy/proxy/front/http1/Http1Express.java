package dev.understudy.proxy.front.http1;

import dev.understudy.proxy.Exchange;
import dev.understudy.proxy.front.ExpressTurn;
import dev.understudy.proxy.front.FrontDoor;
import dev.understudy.proxy.front.LocalResponseSender;
import dev.understudy.proxy.front.RequestAdmission;
import dev.understudy.proxy.front.Upload;
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
 * The express lane's turns on one HTTP/1 connection: its requests go on to the engine, or are
 * answered here. The responses are {@link Http1Response}'s, what is left of the requests {@link
 * Http1Rest}'s.
 */
final class Http1Express {
  private final Http1Front front;
  private final ChannelHandlerContext ctx;
  private final FrontDoor door;
  private final Http1Turns turns;
  private final Http1Response response;
  private final Upload upload;

  /** Null: answered here, or over. */
  private @Nullable Exchange exchange;

  /**
   * @param ctx the front's
   */
  Http1Express(
      Http1Front front,
      ChannelHandlerContext ctx,
      FrontDoor door,
      Http1Turns turns,
      Http1Response response,
      Upload upload) {
    this.front = front;
    this.ctx = ctx;
    this.door = door;
    this.turns = turns;
    this.response = response;
    this.upload = upload;
  }

  /** Its turn has come. */
  void begin(HttpRequest request, ExpressTurn what) {
    response.by(what);
    Exchange started =
        what.begin(response, RequestAdmission.hasBody(request), ctx.channel().eventLoop());
    turns.handshake(what.isHandshake());
    if (started != null) {
      exchange = started;
      started.start();
    }
  }

  /** Its turn has come, and ends with this: it is no request that can be forwarded. */
  void refuse(HttpRequest refused, String clientTarget, ClientConnection from, int status) {
    response.isLast();
    LocalResponseSender.refuse(door, response, refused, clientTarget, from, ids(), status);
  }

  /** A head has begun and does not end: there is no request yet that could be refused. */
  void headIsLate() {
    HttpRequest unknown = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/");
    turns.requestBegins();
    response.begin(unknown, false, false);
    LocalResponseSender.send(response, unknown, 408, ids().keepOrMake(null));
  }

  private RequestIds ids() {
    return door.on(ctx.channel().eventLoop()).ids();
  }

  /** A piece of its request. Takes over the reference. */
  void content(HttpContent content) {
    front.moved();
    response.bodyBegins();
    Exchange to = exchange;
    if (to == null) {
      content.release();
    } else if (content.decoderResult().isFailure()) {
      content.release();
      refuse(to, 400);
    } else if (upload.isTooLongWith(content)) {
      content.release();
      door.listener().limited(Limit.BODY_SIZE);
      refuse(to, 413);
    } else {
      Upload.deliver(to, content);
    }
  }

  private void refuse(Exchange running, int status) {
    response.isLast();
    running.refuse(status);
  }

  /** The engine has nothing to do with it any more. */
  void over() {
    exchange = null;
  }

  /** Without effect if the engine has none. */
  void clientGone() {
    Exchange gone = exchange;
    exchange = null;
    if (gone != null) {
      gone.clientGone();
    }
  }

  /** The client neither sends nor reads what it should. */
  void clientIsIdle() {
    Exchange running = exchange;
    if (running != null && !turns.isRequestEnded()) {
      refuse(running, 408);
    } else {
      clientGone();
      response.abort();
    }
  }

  /** Returns whether the engine wanted to know. */
  boolean writabilityChanged() {
    Exchange running = exchange;
    if (running != null) {
      running.writabilityChanged();
    }
    return running != null;
  }
}
