package dev.understudy.bench.network;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshaker;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshakerFactory;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;

/**
 * Answers by the last part of the path: {@code small}, {@code large}, {@code stuck} (a body that is
 * not read), and {@code socket}, a WebSocket. Any other body is read and its length is told.
 */
final class HttpServer extends ChannelInboundHandlerAdapter {
  private boolean stuck;
  private boolean large;
  private boolean keepsOn;
  private boolean socket;
  private long received;

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    try {
      if (message instanceof WebSocketFrame frame) {
        frame(ctx, frame);
        return;
      }
      if (message instanceof HttpRequest request) {
        begin(ctx, request);
      }
      if (message instanceof HttpContent content) {
        received += content.content().readableBytes();
      }
      if (message instanceof LastHttpContent && !socket) {
        respond(ctx);
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void begin(ChannelHandlerContext ctx, HttpRequest request) {
    received = 0;
    large = request.uri().endsWith("/large");
    stuck = request.uri().endsWith("/stuck");
    keepsOn = HttpUtil.isKeepAlive(request);
    if (stuck) {
      ctx.channel().config().setAutoRead(false);
      if (ctx.channel().parent() instanceof Channel connection) {
        connection.closeFuture().addListener(done -> ctx.close());
      }
    }
    if (request.uri().endsWith("/socket")) {
      WebSocketServerHandshaker handshaker =
          new WebSocketServerHandshakerFactory(null, null, false, 1 << 20).newHandshaker(request);
      socket = true;
      handshaker.handshake(
          ctx.channel(),
          new DefaultFullHttpRequest(
              HttpVersion.HTTP_1_1,
              request.method(),
              request.uri(),
              Unpooled.EMPTY_BUFFER,
              request.headers(),
              new DefaultHttpHeaders()));
    }
  }

  private void respond(ChannelHandlerContext ctx) {
    ByteBuf body =
        large || received > 0
            ? Unpooled.copiedBuffer(Long.toString(received), StandardCharsets.US_ASCII)
            : Servers.ZEROS.slice(0, Sizes.SMALL);
    if (!large) {
      HttpResponse response =
          new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK, body);
      ctx.writeAndFlush(with(response, body.readableBytes()));
      return;
    }
    body.release();
    ctx.write(
        with(new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK), Sizes.LARGE));
    bulk(piece -> ctx.writeAndFlush(new DefaultHttpContent(piece)));
    ctx.writeAndFlush(new DefaultLastHttpContent());
  }

  private HttpResponse with(HttpResponse response, int length) {
    response.headers().set(HttpHeaderNames.CONTENT_LENGTH, length);
    if (!keepsOn) {
      response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    }
    return response;
  }

  /** Takes pieces of a large body. */
  interface Sink {
    void write(ByteBuf piece);
  }

  static void bulk(Sink sink) {
    for (int left = Sizes.LARGE; left > 0; left -= Sizes.PIECE) {
      sink.write(Servers.ZEROS.retainedSlice(0, Math.min(left, Sizes.PIECE)));
    }
  }

  private void frame(ChannelHandlerContext ctx, WebSocketFrame frame) {
    if (frame instanceof TextWebSocketFrame text) {
      if (text.text().equals("down")) {
        bulk(piece -> ctx.writeAndFlush(new BinaryWebSocketFrame(piece)));
      } else {
        ctx.writeAndFlush(text.retain());
      }
      return;
    }
    received += frame.content().readableBytes();
    if (received >= Sizes.LARGE) {
      received = 0;
      ctx.writeAndFlush(new TextWebSocketFrame("all"));
    }
  }

  /** Lets go what is unread of a stream that was reset; it would stay. */
  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof Http2ResetFrame) {
      ctx.close();
    }
    ReferenceCountUtil.release(event);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close();
  }
}
