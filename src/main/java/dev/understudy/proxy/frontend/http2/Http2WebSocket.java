package dev.understudy.proxy.frontend.http2;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.HttpConversionUtil;
import io.netty.util.AttributeKey;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** A WebSocket handshake over HTTP/2 (RFC 8441), as one over HTTP/1.1 (RFC 6455 §4). */
final class Http2WebSocket {
  private static final int KEY_BYTES = 16;

  private static final AttributeKey<@Nullable Http2WebSocket> EXPECTED =
      AttributeKey.valueOf(Http2WebSocket.class.getName());

  private final String key;

  private Http2WebSocket(String key) {
    this.key = key;
  }

  /** Notes that the request whose head comes next is a handshake. */
  static void expect(Channel stream) {
    byte[] bytes = new byte[KEY_BYTES];
    // Against caches and servers that know no WebSockets; it need not be secret (RFC 6455 §10.3).
    ThreadLocalRandom.current().nextBytes(bytes);
    stream.attr(EXPECTED).set(new Http2WebSocket(Base64.getEncoder().encodeToString(bytes)));
  }

  /** Returns the handshake that the stream's request is; null if it is none. */
  static @Nullable Http2WebSocket on(Channel stream) {
    return stream.hasAttr(EXPECTED) ? stream.attr(EXPECTED).get() : null;
  }

  /**
   * Returns the request as a handshake over HTTP/1.1, and as a whole: what follows it is no body.
   */
  HttpRequest whole(HttpRequest request) {
    HttpHeaders headers = request.headers();
    headers.remove(HttpHeaderNames.TRANSFER_ENCODING);
    headers.set(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET);
    headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE);
    headers.set(HttpHeaderNames.SEC_WEBSOCKET_KEY, key);
    return new DefaultFullHttpRequest(
        request.protocolVersion(),
        request.method(),
        request.uri(),
        Unpooled.EMPTY_BUFFER,
        headers,
        EmptyHttpHeaders.INSTANCE);
  }

  /**
   * Whether the client can be given the response: no 2xx, which would say that there is a tunnel.
   */
  static boolean accepts(HttpResponse response) {
    return response.status().codeClass() != HttpStatusClass.SUCCESS;
  }

  /**
   * Sends the 200 that a 101 becomes, and leaves nothing of HTTP on the stream but the handler that
   * limits its connection.
   *
   * @param ctx the context of that handler
   * @return the stream's channel
   */
  // Handlers have identity only.
  @SuppressWarnings("ReferenceEquality")
  static Channel open(ChannelHandlerContext ctx, HttpResponse switching) {
    Channel stream = ctx.channel();
    stream.config().setAutoRead(false);
    ChannelPipeline pipeline = stream.pipeline();
    Http2RequestCheck rules = pipeline.get(Http2RequestCheck.class);
    Http2TunnelFrames frames = new Http2TunnelFrames(rules.takeWaiting());
    for (String name : List.copyOf(pipeline.names())) {
      ChannelHandler handler = pipeline.get(name);
      if (handler != null && handler != ctx.handler()) {
        pipeline.remove(handler);
      }
    }
    pipeline.addFirst(frames);
    HttpHeaders fields = switching.headers();
    fields.remove(HttpHeaderNames.CONNECTION);
    fields.remove(HttpHeaderNames.UPGRADE);
    fields.remove(HttpHeaderNames.SEC_WEBSOCKET_ACCEPT);
    Http2Headers head = HttpConversionUtil.toHttp2Headers(fields, true).status("200");
    var unused = ctx.writeAndFlush(new DefaultHttp2HeadersFrame(head, false));
    return stream;
  }
}
