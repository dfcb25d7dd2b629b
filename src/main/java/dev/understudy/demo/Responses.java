package dev.understudy.demo;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import tools.jackson.databind.json.JsonMapper;

/** Writes the responses of the demo's servers, none of which may be cached. */
final class Responses {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final byte[] PAGE = page();

  /** Fits the page, which is one file and connects only to its own origin. */
  private static final String POLICY =
      "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
          + "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
          + "frame-ancestors 'none'";

  /** A problem (RFC 9457). */
  private record Problem(int status, String title, String detail) {}

  private Responses() {}

  private static byte[] page() {
    try (InputStream in = Responses.class.getResourceAsStream("/demo/index.html")) {
      if (in == null) {
        throw new IllegalStateException("the demo's page is missing");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static boolean isRead(HttpRequest request) {
    return request.method().equals(HttpMethod.GET) || request.method().equals(HttpMethod.HEAD);
  }

  static boolean isPost(HttpRequest request) {
    return request.method().equals(HttpMethod.POST);
  }

  static void sendPage(ChannelHandlerContext ctx, HttpRequest request) {
    send(ctx, request, HttpResponseStatus.OK, "text/html; charset=utf-8", PAGE);
  }

  static void sendJson(
      ChannelHandlerContext ctx, HttpRequest request, HttpResponseStatus status, Object value) {
    send(ctx, request, status, "application/json", JSON.writeValueAsBytes(value));
  }

  static void sendProblem(
      ChannelHandlerContext ctx, HttpRequest request, HttpResponseStatus status, String detail) {
    byte[] body = JSON.writeValueAsBytes(new Problem(status.code(), status.reasonPhrase(), detail));
    send(ctx, request, status, "application/problem+json", body);
  }

  @SuppressWarnings("FutureReturnValueIgnored") // a disconnected client needs no response
  private static void send(
      ChannelHandlerContext ctx,
      HttpRequest request,
      HttpResponseStatus status,
      String type,
      byte[] body) {
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
