package dev.understudy.proxy.frontend.http2;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpScheme;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2Headers;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The channels of the streams of one HTTP/2 connection, which Netty's multiplexer creates for the
 * Gateway lane and for tunnels, and what they get besides the codec's frames.
 */
final class Http2StreamChannels {
  /** What a channel gets as a request's head, which it then replaces. */
  private static final Http2Headers STAND_IN =
      new DefaultHttp2Headers()
          .method(HttpMethod.GET.asciiName())
          .scheme(HttpScheme.HTTPS.name())
          .path("/");

  private final ChannelHandlerContext ctx;

  /** The handler of the channel that the multiplexer is creating. */
  private @Nullable Http2GatewayHandler creating;

  /**
   * @param ctx the context of the {@link Http2ClientConnection}, before the multiplexer
   */
  Http2StreamChannels(ChannelHandlerContext ctx) {
    this.ctx = ctx;
  }

  /** Creates a channel for a stream, with Reactor Netty's handlers. Returns ours. */
  Http2GatewayHandler create(Http2ClientStream stream) {
    Http2GatewayHandler handler = new Http2GatewayHandler(stream);
    creating = handler;
    ctx.fireUserEventTriggered(stream.opening());
    creating = null;
    if (!handler.isAdded()) {
      throw new IllegalStateException("the multiplexer has created no channel");
    }
    return handler;
  }

  /** Returns the handler of the channel that the multiplexer is creating. */
  Http2GatewayHandler created() {
    return Objects.requireNonNull(creating);
  }

  /**
   * Passes a head on to a stream's channel.
   *
   * @param end whether the client sends nothing more
   */
  void passHead(Http2ClientStream stream, boolean end) {
    ctx.fireChannelRead(
        new DefaultHttp2HeadersFrame(STAND_IN, end).stream(stream.opening().stream()));
  }

  /** Passes data on to a stream's channel, which takes over its reference. */
  void passData(Http2ClientStream stream, ByteBuf data, boolean end) {
    ctx.fireChannelRead(new DefaultHttp2DataFrame(data, end).stream(stream.opening().stream()));
  }

  /** Ends what was passed: until then the multiplexer leaves flushes to the end of a read. */
  void passedData() {
    ctx.fireChannelReadComplete();
  }
}
