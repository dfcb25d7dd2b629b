package dev.understudy.proxy.frontend;

import dev.understudy.proxy.engine.Downstream;
import dev.understudy.proxy.engine.LocalResponse;
import dev.understudy.proxy.http.ClientConnection;
import dev.understudy.proxy.http.RequestIds;
import dev.understudy.traffic.MatchedRoute;
import dev.understudy.traffic.RequestEnd;
import dev.understudy.traffic.RequestOutcome;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import org.jspecify.annotations.Nullable;

/** Sends the frontend's local responses and reports their outcomes. */
public final class LocalResponseSender {
  private LocalResponseSender() {}

  /**
   * Sends an error response to a request whose route is not known.
   *
   * @return the length of its body in bytes
   */
  public static long send(
      Frontend frontend, Downstream to, HttpRequest request, int status, String id) {
    LocalResponse error =
        frontend.errors().of(status, null, request.method(), request.headers(), id, 0);
    return error.send(to, request.method());
  }

  /** Sends a redirect to the location. */
  static void redirect(Downstream to, int status, String location, String id) {
    HttpResponse head =
        new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status));
    head.headers()
        .set(HttpHeaderNames.LOCATION, location)
        .set(HttpHeaderNames.CONTENT_LENGTH, HttpHeaderValues.ZERO)
        .set("x-request-id", id);
    to.head(head);
    to.end(EmptyHttpHeaders.INSTANCE);
    to.flush();
  }

  /**
   * Refuses a request that cannot be forwarded, and reports it.
   *
   * @param target the request target as received
   */
  public static void refuse(
      Frontend frontend,
      Downstream to,
      HttpRequest request,
      String target,
      ClientConnection client,
      RequestIds ids,
      int status) {
    String id = ids.keepOrMake(request.headers().get("x-request-id"));
    long start = System.nanoTime();
    long bytes = send(frontend, to, request, status, id);
    frontend
        .listener()
        .endedLocally(
            outcome(
                null,
                request,
                target,
                client,
                id,
                status,
                status == 503 ? RequestEnd.HOLD_FULL : RequestEnd.BAD_REQUEST,
                start,
                bytes),
            request.headers());
  }

  /** Reports a request that was refused before its head could be read. */
  public static void refusedUnseen(
      Frontend frontend, ClientConnection client, RequestIds ids, int status) {
    String id = ids.keepOrMake(null);
    frontend
        .listener()
        .endedLocally(
            RequestOutcome.local(
                null,
                client.remote(),
                client,
                id,
                "",
                "",
                "",
                status,
                RequestEnd.BAD_REQUEST,
                System.nanoTime(),
                0),
            EmptyHttpHeaders.INSTANCE);
  }

  static RequestOutcome outcome(
      @Nullable MatchedRoute route,
      HttpRequest request,
      String target,
      ClientConnection client,
      String id,
      int status,
      RequestEnd end,
      long startNanos,
      long bytes) {
    return RequestOutcome.local(
        route,
        client.remote(),
        client,
        id,
        request.method().name(),
        request.headers().get(HttpHeaderNames.HOST),
        target,
        status,
        end,
        startNanos,
        bytes);
  }
}
