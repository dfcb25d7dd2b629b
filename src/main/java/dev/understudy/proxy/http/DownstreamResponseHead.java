package dev.understudy.proxy.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpVersion;
import org.jspecify.annotations.Nullable;

/** Turns the head of a server's response into the head that the client gets. */
public final class DownstreamResponseHead {
  private DownstreamResponseHead() {}

  /**
   * Prepares a server's response for the client, in place: removes hop-by-hop fields, sets the
   * request id, and says HTTP/1.1. The fields that {@code Connection} nominated must already be
   * gone.
   *
   * @param setCookie the sticky cookie to set; null for none
   */
  public static void prepare(HttpResponse response, String requestId, @Nullable String setCookie) {
    HttpHeaders headers = response.headers();
    HopByHop.remove(headers);
    int status = response.status().code();
    if (status == 204 || status < 200) {
      headers.remove(HttpHeaderNames.CONTENT_LENGTH);
    }
    headers.set(UpstreamRequestHead.REQUEST_ID, requestId);
    if (setCookie != null) {
      headers.add(HttpHeaderNames.SET_COOKIE, setCookie);
    }
    response.setProtocolVersion(HttpVersion.HTTP_1_1);
  }

  /**
   * Adds {@code Connection} and {@code Upgrade} to a prepared 101 (RFC 9110 §15.2.2).
   *
   * @param protocol what both sides switch to
   */
  public static void switching(HttpResponse response, String protocol) {
    response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE);
    response.headers().set(HttpHeaderNames.UPGRADE, protocol);
  }

  /**
   * Frames a response to an HTTP/1 client, for a lane that writes to the channel itself: a response
   * without a length is chunked for HTTP/1.1, and delimited by the connection's end for HTTP/1.0
   * (RFC 9112 §6.3).
   *
   * @param keepAlive whether the connection is reusable so far
   * @return whether the connection is reusable after this response
   */
  public static boolean frame(
      HttpResponse response, HttpMethod method, HttpVersion client, boolean keepAlive) {
    HttpHeaders headers = response.headers();
    boolean old = HttpVersion.HTTP_1_0.equals(client);
    boolean reusable = keepAlive;
    if (mayHaveBody(response, method) && !headers.contains(HttpHeaderNames.CONTENT_LENGTH)) {
      if (old) {
        reusable = false;
      } else {
        headers.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
      }
    }
    if (!reusable) {
      headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    } else if (old) {
      headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.KEEP_ALIVE);
    }
    return reusable;
  }

  /** Whether the response may have a body (RFC 9112 §6.3, item 1). */
  static boolean mayHaveBody(HttpResponse response, HttpMethod method) {
    int status = response.status().code();
    return !HttpMethod.HEAD.equals(method)
        && status != 204
        && status != 304
        && response.status().codeClass() != HttpStatusClass.INFORMATIONAL;
  }
}
