package dev.understudy.proxy.front;

import dev.understudy.proxy.ClientConnection;
import dev.understudy.proxy.Downstream;
import dev.understudy.proxy.EndReason;
import dev.understudy.proxy.Outcome;
import dev.understudy.proxy.RequestIds;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Answers that the front door gives by itself, and what is told of them. */
final class LocalReply {
  private LocalReply() {}

  /**
   * Sends one: with a location, or a page for browsers and {@code application/problem+json} (RFC
   * 9457) for all others.
   *
   * @return bytes of its body
   */
  static int send(
      Downstream to, HttpRequest request, int status, @Nullable String location, String id) {
    HttpResponse head =
        new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status));
    HttpHeaders headers = head.headers();
    byte[] body = {};
    if (location != null) {
      headers.set(HttpHeaderNames.LOCATION, location);
    } else {
      String accept = request.headers().get(HttpHeaderNames.ACCEPT);
      boolean page = accept != null && accept.toLowerCase(Locale.ROOT).contains("text/html");
      body = (page ? page(head.status()) : problem(head.status())).getBytes(StandardCharsets.UTF_8);
      headers.set(
          HttpHeaderNames.CONTENT_TYPE,
          page ? "text/html;charset=utf-8" : "application/problem+json");
      headers.set(HttpHeaderNames.CACHE_CONTROL, "no-store");
      headers.set(HttpHeaderNames.VARY, HttpHeaderNames.ACCEPT);
    }
    headers.set(HttpHeaderNames.CONTENT_LENGTH, Integer.toString(body.length));
    headers.set("x-request-id", id);
    boolean silent = body.length == 0 || HttpMethod.HEAD.equals(request.method());
    to.head(head);
    if (!silent) {
      to.body(Unpooled.wrappedBuffer(body));
    }
    to.end(EmptyHttpHeaders.INSTANCE);
    to.flush();
    return silent ? 0 : body.length;
  }

  /** Refuses what can't be forwarded, and tells of it. */
  static void refuse(
      FrontDoor door,
      Downstream to,
      HttpRequest request,
      ClientConnection client,
      RequestIds ids,
      int status) {
    String id = ids.keepOrMake(request.headers().get("x-request-id"));
    long start = System.nanoTime();
    long bytes = send(to, request, status, null, id);
    String target = request.uri();
    door.listener()
        .ended(
            outcome(
                null, request, target, client, id, status, EndReason.BAD_REQUEST, start, bytes));
  }

  private static String problem(HttpResponseStatus status) {
    return "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d}"
        .formatted(status.reasonPhrase(), status.code());
  }

  private static String page(HttpResponseStatus status) {
    return """
    <!doctype html><html lang="en"><meta charset="utf-8"><title>%2$d %1$s</title>\
    <h1>%2$d %1$s</h1></html>
    """
        .formatted(status.reasonPhrase(), status.code());
  }

  static Outcome outcome(
      @Nullable String route,
      HttpRequest request,
      String target,
      ClientConnection client,
      String id,
      int status,
      EndReason end,
      long startNanos,
      long bytes) {
    String host = request.headers().get(HttpHeaderNames.HOST);
    return new Outcome(
        route,
        null,
        null,
        client,
        id,
        request.method().name(),
        host == null ? "" : host,
        target,
        status,
        end,
        0,
        0,
        System.nanoTime() - startNanos,
        0,
        bytes);
  }
}
