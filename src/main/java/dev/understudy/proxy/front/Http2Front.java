package dev.understudy.proxy.front;

import dev.understudy.proxy.ClientConnection;
import dev.understudy.proxy.Downstream;
import dev.understudy.proxy.Exchange;
import dev.understudy.proxy.Limit;
import dev.understudy.proxy.route.CompiledRoute;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.util.ReferenceCountUtil;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/2 stream of a client: one request in either lane, behind the codec that makes HTTP/1
 * messages of its frames.
 *
 * <table>
 *   <caption>Turns and what may follow</caption>
 *   <tr><td>WAITING for the request's head</td><td>EXPRESS, GATEWAY, OVER</td></tr>
 *   <tr><td>EXPRESS: the engine has it, or a step has answered</td><td>LEFTOVER, OVER</td></tr>
 *   <tr><td>GATEWAY: everything passes</td><td>OVER</td></tr>
 *   <tr><td>LEFTOVER: answered, the rest of the request is dropped</td><td>OVER</td></tr>
 *   <tr><td>OVER: what is left is written; the stream closes by itself</td><td></td></tr>
 * </table>
 *
 * <p>A client that sends faster than a server takes is held back by its stream's window, which the
 * channel opens with each read.
 */
// A write that fails closes the stream, and that is seen.
@SuppressWarnings("FutureReturnValueIgnored")
final class Http2Front extends ChannelDuplexHandler implements Downstream {
  private enum Turn {
    WAITING,
    EXPRESS,
    GATEWAY,
    LEFTOVER,
    OVER
  }

  private final FrontDoor door;
  private final Http2Connection connection;
  private final Patience patience;
  private final Upload upload;
  private @Nullable ChannelHandlerContext context;
  private @Nullable ExpressTurn express;
  private @Nullable Exchange exchange;
  private @Nullable ChannelFuture answered;
  private int slot = -1;

  private Turn turn = Turn.WAITING;
  private boolean requestEnded;
  private boolean readWanted;
  private boolean answerEnded;
  private long leftoverBytes;

  Http2Front(FrontDoor door, Http2Connection connection) {
    this.door = door;
    this.connection = connection;
    this.patience = new Patience(connection.loop());
    this.upload = new Upload(door.limits());
  }

  // The stream.

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    gone();
    ctx.fireChannelInactive();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    connection.closed(this);
  }

  /** Unread data would keep the stream from hearing of it. */
  void connectionGone() {
    gone();
    context().close();
  }

  private void gone() {
    connection.closed(this);
    Exchange running = exchange;
    exchange = null;
    if (running != null) {
      running.clientGone();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    ctx.fireUserEventTriggered(event);
    if (event instanceof Http2ResetFrame) {
      gone();
      // Unread data would keep it open. Not at once, or the codec would answer with another reset.
      ctx.channel().eventLoop().execute(ctx::close);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (turn == Turn.GATEWAY) {
      ctx.fireExceptionCaught(cause);
    } else {
      gone();
      Http2Exception known = Http2CodecUtil.getEmbeddedHttp2Exception(cause);
      reset(known == null ? Http2Error.INTERNAL_ERROR : known.error());
    }
  }

  // What comes from the client.

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    if (msg instanceof HttpRequest request && turn == Turn.WAITING) {
      head(ctx, request);
    }
    requestEnded |= msg instanceof LastHttpContent;
    readWanted = false;
    switch (turn) {
      case EXPRESS -> content(msg);
      case GATEWAY -> pass(ctx, msg);
      case LEFTOVER -> leftover(ctx, msg);
      case WAITING, OVER -> ReferenceCountUtil.release(msg);
    }
  }

  private void head(ChannelHandlerContext ctx, HttpRequest request) {
    ClientConnection client = connection.opened(this);
    if (client == null) {
      turn = Turn.OVER;
      ctx.close();
      return;
    }
    patience.moved();
    requestEnded = request instanceof LastHttpContent;
    int refusal = Reception.refusal(request, door.limits(), door.listener());
    if (refusal != 0) {
      turn = Turn.EXPRESS;
      LocalReply.refuse(door, this, request, client, connection.loop().ids(), refusal);
      return;
    }
    String target = RequestTarget.originForm(request.uri());
    String path = RequestTarget.normalisedPath(target);
    CompiledRoute route =
        door.routes().find(request.method(), request.headers().get(HttpHeaderNames.HOST), path);
    if (route == null) {
      turn = Turn.GATEWAY;
      RequestTarget.mend(request, target, path);
    } else {
      turn = Turn.EXPRESS;
      ctx.channel().config().setAutoRead(false);
      express(ctx, request, new ExpressTurn(door, route, request, target, path, client));
    }
  }

  private void express(ChannelHandlerContext ctx, HttpRequest request, ExpressTurn what) {
    express = what;
    Exchange started = what.begin(this, Reception.hasBody(request), ctx.channel().eventLoop());
    if (started != null) {
      exchange = started;
      started.start();
    }
  }

  private void content(Object msg) {
    patience.moved();
    Exchange to = exchange;
    if (to == null || !(msg instanceof HttpContent content)) {
      ReferenceCountUtil.release(msg);
    } else if (upload.isTooLongWith(content)) {
      content.release();
      door.listener().limited(Limit.BODY_SIZE);
      to.refuse(413);
    } else {
      Upload.deliver(to, content);
    }
  }

  private void pass(ChannelHandlerContext ctx, Object msg) {
    if (msg instanceof HttpContent content && upload.isTooLongWith(content)) {
      content.release();
      door.listener().limited(Limit.BODY_SIZE);
      abort();
      return;
    }
    patience.moved();
    ctx.fireChannelRead(msg);
  }

  /** The Gateway asks for more, maybe by auto-read; for the engine see {@link #requestRead}. */
  @Override
  public void read(ChannelHandlerContext ctx) {
    if (turn == Turn.WAITING || turn == Turn.GATEWAY) {
      readWanted = true;
      ctx.read();
    }
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
    patience.moved();
    answerEnded |= msg instanceof LastHttpContent && !isInformational(msg);
    ctx.write(msg, promise);
  }

  private static boolean isInformational(Object msg) {
    return msg instanceof HttpResponse response
        && response.status().codeClass() == HttpStatusClass.INFORMATIONAL;
  }

  // The engine's answer.

  @Override
  public void informational(HttpResponse response) {
    patience.moved();
    context().writeAndFlush(HeadOnly.of(response));
  }

  /** The codec leaves out what belongs to an HTTP/1 connection (RFC 9113 §8.2.2). */
  @Override
  public void head(HttpResponse head) {
    patience.moved();
    ExpressTurn what = express;
    if (what != null) {
      what.dress(head);
    }
    ChannelHandlerContext ctx = context();
    ctx.write(head, ctx.voidPromise());
  }

  @Override
  public void body(ByteBuf data) {
    ChannelHandlerContext ctx = context();
    ctx.write(new DefaultHttp2DataFrame(data, false), ctx.voidPromise());
  }

  @Override
  public void flush() {
    context().flush();
  }

  @Override
  public void end(HttpHeaders trailers) {
    exchange = null;
    answerEnded = true;
    ChannelHandlerContext ctx = context();
    patience.moved();
    HttpContent last =
        trailers.isEmpty()
            ? LastHttpContent.EMPTY_LAST_CONTENT
            : new DefaultLastHttpContent(Unpooled.EMPTY_BUFFER, trailers);
    if (requestEnded) {
      turn = Turn.OVER;
      ctx.write(last, ctx.voidPromise());
    } else {
      turn = Turn.LEFTOVER;
      answered = ctx.write(last);
      ctx.read();
    }
  }

  @Override
  public boolean isWritable() {
    return context().channel().isWritable();
  }

  @Override
  public void requestRead() {
    readWanted = true;
    patience.moved();
    context().read();
  }

  @Override
  public void abort() {
    exchange = null;
    reset(Http2Error.INTERNAL_ERROR);
  }

  private void reset(Http2Error why) {
    turn = Turn.OVER;
    ChannelHandlerContext ctx = context();
    if (ctx.channel().isActive()) {
      ctx.writeAndFlush(new DefaultHttp2ResetFrame(why));
      ctx.close();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    patience.moved();
    Exchange running = exchange;
    if (running != null) {
      running.writabilityChanged();
    } else if (turn == Turn.GATEWAY) {
      ctx.fireChannelWritabilityChanged();
    }
  }

  /** No request here asks for it: HTTP/2 knows no such answer (RFC 9113 §8.6). */
  @Override
  public Channel upgrade(HttpResponse switching) {
    throw new UnsupportedOperationException("101 on a stream");
  }

  // The rest of a request that has been answered.

  private void leftover(ChannelHandlerContext ctx, Object msg) {
    leftoverBytes += msg instanceof HttpContent content ? content.content().readableBytes() : 0;
    ReferenceCountUtil.release(msg);
    if (requestEnded) {
      turn = Turn.OVER;
    } else if (leftoverBytes > Leftover.MAX_BYTES) {
      refuseRest();
    } else {
      ctx.read();
    }
  }

  /** Without blame, and after the whole answer (RFC 9113 §8.1). */
  private void refuseRest() {
    turn = Turn.OVER;
    patience.moved();
    Objects.requireNonNull(answered).addListener(written -> reset(Http2Error.NO_ERROR));
  }

  // Time.

  int slot() {
    return slot;
  }

  void slot(int given) {
    slot = given;
  }

  void sweep(long nowClock) {
    long waited = patience.waited(nowClock);
    switch (turn) {
      case EXPRESS, GATEWAY, OVER -> {
        // An answer that was given whole is to be read.
        boolean wanted = answerEnded || (!requestEnded && readWanted);
        if (patience.isClientsTurn(context().channel(), wanted)
            && waited >= door.limits().idle().toNanos()) {
          idle();
        }
      }
      case LEFTOVER -> {
        if (waited >= Leftover.MAX_NANOS) {
          refuseRest();
        }
      }
      case WAITING -> {}
    }
  }

  private void idle() {
    door.listener().limited(Limit.CLIENT_IDLE);
    Exchange running = exchange;
    if (running != null && !requestEnded) {
      running.refuse(408);
    } else {
      gone();
      abort();
    }
  }

  private ChannelHandlerContext context() {
    return Objects.requireNonNull(context);
  }
}
