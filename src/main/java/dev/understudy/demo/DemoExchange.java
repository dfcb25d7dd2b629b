package dev.understudy.demo;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import tools.jackson.databind.json.JsonMapper;

/** A request to one of the demo's servers, and its response, which may not be cached. */
final class DemoExchange {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final byte[] PAGE = page();

  /** Fits the page, which is one file and connects only to its own origin. */
  private static final String POLICY =
      "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
          + "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
          + "frame-ancestors 'none'";

  /** A problem (RFC 9457). */
  private record Problem(int status, String title, String detail) {}

  private final ChannelHandlerContext ctx;
  private final FullHttpRequest request;
  private final QueryStringDecoder target;

  private DemoExchange(ChannelHandlerContext ctx, FullHttpRequest request) {
    this.ctx = ctx;
    this.request = request;
    this.target = new QueryStringDecoder(request.uri());
  }

  /** The last handler of a connection, which gets complete requests. */
  static ChannelHandler handler(Consumer<DemoExchange> application) {
    return new SimpleChannelInboundHandler<FullHttpRequest>() {
      @Override
      protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
        application.accept(new DemoExchange(ctx, request));
      }
    };
  }

  private static byte[] page() {
    try (InputStream in = DemoExchange.class.getResourceAsStream("/demo/index.html")) {
      if (in == null) {
        throw new IllegalStateException("the demo's page is missing");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String path() {
    return target.path();
  }

  /** The values of a parameter of the query. */
  List<String> parameter(String name) {
    return target.parameters().getOrDefault(name, List.of());
  }

  HttpHeaders headers() {
    return request.headers();
  }

  boolean isRead() {
    return request.method().equals(HttpMethod.GET) || request.method().equals(HttpMethod.HEAD);
  }

  boolean isPost() {
    return request.method().equals(HttpMethod.POST);
  }

  /** The connection's thread, on which a later response has to be sent. */
  Executor thread() {
    return ctx.executor();
  }

  void sendPage() {
    send(HttpResponseStatus.OK, "text/html; charset=utf-8", PAGE);
  }

  void sendJson(HttpResponseStatus status, Object value) {
    send(status, "application/json", JSON.writeValueAsBytes(value));
  }

  void sendProblem(HttpResponseStatus status, String detail) {
    byte[] body = JSON.writeValueAsBytes(new Problem(status.code(), status.reasonPhrase(), detail));
    send(status, "application/problem+json", body);
  }

  @SuppressWarnings("FutureReturnValueIgnored") // a disconnected client needs no response
  private void send(HttpResponseStatus status, String type, byte[] body) {
    boolean head = request.method().equals(HttpMethod.HEAD);
    ByteBuf content = head ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(body);
    FullHttpResponse response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, content);
    response
        .headers()
        .set(HttpHeaderNames.CONTENT_TYPE, type)
        .set(HttpHeaderNames.CONTENT_LENGTH, body.length)
        .set(HttpHeaderNames.CACHE_CONTROL, "no-store")
        .set(HttpHeaderNames.CONTENT_SECURITY_POLICY, POLICY)
        .set("X-Content-Type-Options", "nosniff");
    ctx.writeAndFlush(response);
  }
}
