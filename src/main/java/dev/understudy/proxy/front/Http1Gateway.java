package dev.understudy.proxy.front;

import dev.understudy.proxy.front.Http1Turns.Turn;
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
 * The Gateway's turns on one HTTP/1 connection: its requests go on to Reactor Netty, whose answers
 * come back. A turn is over when the request went on whole and its final answer was written.
 */
// A write that fails closes the channel, and that is seen.
@SuppressWarnings("FutureReturnValueIgnored")
final class Http1Gateway {
  private final Http1Front front;
  private final Http1Turns turns;
  private boolean answered;
  private boolean passedOn;

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
    answered = false;
    if (!keepAlive) {
      // Beside the client's own options.
      request.headers().add(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    }
  }

  /** Takes over the reference. */
  void pass(ChannelHandlerContext ctx, Object msg) {
    passedOn = true;
    ctx.fireChannelRead(msg);
    if (answered) {
      endIfWhole();
    }
  }

  /** What has come is passed on. */
  void hasAll(ChannelHandlerContext ctx) {
    if (passedOn || turns.is(Turn.GIVEN_AWAY)) {
      passedOn = false;
      ctx.fireChannelReadComplete();
    }
  }

  /** Reactor Netty's answer, piece by piece. */
  void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
    if (msg instanceof HttpResponse head) {
      if (head.status().codeClass() == HttpStatusClass.INFORMATIONAL) {
        informational(ctx, head, promise);
        return;
      }
      speakOurVersion(head);
      front.gatewayAnswers(head);
    }
    if (msg instanceof LastHttpContent) {
      ctx.write(msg, promise.unvoid())
          .addListener(written -> ctx.channel().eventLoop().execute(this::answered));
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
    if (turns.is(Turn.GATEWAY)) {
      answered = true;
      endIfWhole();
    }
  }

  private void endIfWhole() {
    if (turns.isRequestEnded() && turns.is(Turn.GATEWAY)) {
      front.next();
    }
  }
}
