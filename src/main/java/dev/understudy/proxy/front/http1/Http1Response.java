package dev.understudy.proxy.front.http1;

import dev.understudy.proxy.Downstream;
import dev.understudy.proxy.front.ExpressTurn;
import dev.understudy.proxy.front.HeadOnly;
import dev.understudy.proxy.http.ClientResponseHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The client's side of the express lane on one HTTP/1 connection: one response after the other. */
// A write that fails closes the channel, and that is seen.
@SuppressWarnings("FutureReturnValueIgnored")
final class Http1Response implements Downstream {
  private final Http1Front front;
  private final ChannelHandlerContext ctx;
  private @Nullable PlainResponseWriter plain;
  private @Nullable HttpRequest request;
  private @Nullable ExpressTurn express;
  private boolean keepAlive;
  private boolean expectsContinue;

  /** Its length is known from nothing but the connection's end. */
  private boolean closeDelimited;

  /**
   * @param ctx the front's
   */
  Http1Response(Http1Front front, ChannelHandlerContext ctx) {
    this.front = front;
    this.ctx = ctx;
  }

  /**
   * Another request has come.
   *
   * @param keep whether the connection may be used again afterwards
   * @param expects whether the client waits for "100 Continue"
   */
  void begin(HttpRequest next, boolean keep, boolean expects) {
    request = next;
    express = null;
    keepAlive = keep;
    expectsContinue = expects;
  }

  /** What its route does with the response. */
  void by(ExpressTurn turn) {
    express = turn;
  }

  /** The client goes on, told or not. */
  void bodyBegins() {
    expectsContinue = false;
  }

  /** The connection ends with the response that is to come. */
  void isLast() {
    keepAlive = false;
  }

  @Override
  public void informational(HttpResponse response) {
    expectsContinue &= !HttpResponseStatus.CONTINUE.equals(response.status());
    front.moved();
    ctx.writeAndFlush(HeadOnly.of(response));
  }

  @Override
  public void head(HttpResponse head) {
    front.moved();
    dress(head);
    HttpRequest to = Objects.requireNonNull(request);
    framed(head);
    // Who was not told to go on may send its body or not: nobody could say what comes next.
    boolean unclear = (expectsContinue || isLate(head)) && !front.isRequestEnded();
    keepAlive =
        ClientResponseHead.frame(
            head, to.method(), to.protocolVersion(), keepAlive && !unclear && !front.isLastOfAll());
    if (!plain().begin(head)) {
      ctx.write(head, ctx.voidPromise());
    }
  }

  /** The final response's head, of either lane, is about to be written. */
  void framed(HttpResponse head) {
    HttpRequest to = request;
    closeDelimited =
        to != null
            && HttpVersion.HTTP_1_0.equals(to.protocolVersion())
            && !head.headers().contains(HttpHeaderNames.CONTENT_LENGTH)
            && !head.headers().contains(HttpHeaderNames.TRANSFER_ENCODING);
  }

  /** Says that the rest of a request did not come: it is not waited for (RFC 9110 §15.5.9). */
  static boolean isLate(HttpResponse head) {
    return head.status().code() == 408;
  }

  private PlainResponseWriter plain() {
    PlainResponseWriter known = plain;
    if (known == null) {
      known = new PlainResponseWriter(RequestCodec.encoder(ctx.pipeline()));
      plain = known;
    }
    return known;
  }

  private void dress(HttpResponse head) {
    ExpressTurn by = express;
    if (by != null) {
      by.dress(head);
    }
  }

  @Override
  public void body(ByteBuf data) {
    if (plain().isActive()) {
      plain().body(data);
    } else {
      ctx.write(data, ctx.voidPromise());
    }
  }

  @Override
  public void flush() {
    plain().flush();
    ctx.flush();
  }

  @Override
  public void end(HttpHeaders trailers) {
    boolean written = plain().isActive();
    plain().end();
    if (!written) {
      ctx.write(last(trailers), ctx.voidPromise());
    }
    if (keepAlive) {
      front.answered();
    } else {
      front.answeredForTheLastTime();
    }
  }

  private static HttpContent last(HttpHeaders trailers) {
    return trailers.isEmpty()
        ? LastHttpContent.EMPTY_LAST_CONTENT
        : new DefaultLastHttpContent(Unpooled.EMPTY_BUFFER, trailers);
  }

  @Override
  public boolean isWritable() {
    return ctx.channel().isWritable();
  }

  @Override
  public boolean isHeadWelcome() {
    return isWritable();
  }

  @Override
  public void requestRead() {
    front.readWanted();
  }

  /** Of either lane. A reset could destroy what the client has not read: it is the last resort. */
  @Override
  public void breakOff() {
    plain().end();
    if (!closeDelimited) {
      front.answeredForTheLastTime();
      return;
    }
    front.broken();
    ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(written -> abort());
  }

  @Override
  public void abort() {
    front.broken();
    Channel channel = ctx.channel();
    if (channel.isActive()) {
      channel.config().setOption(ChannelOption.SO_LINGER, 0);
      // Past TLS, whose close_notify would make it look whole.
      channel.unsafe().close(channel.voidPromise());
    }
  }

  @Override
  public Channel upgrade(HttpResponse switching) {
    dress(switching);
    front.givenAway();
    ctx.writeAndFlush(HeadOnly.of(switching));
    return HttpRemoval.from(ctx.channel());
  }
}
