package dev.understudy.proxy.frontend;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;

/**
 * Creates 1xx responses as complete messages, so that the codec awaits no body (RFC 9110 §15.2).
 */
public final class InformationalResponses {
  private InformationalResponses() {}

  /** Returns a complete response with the status and the fields of the given head. */
  public static HttpResponse of(HttpResponse head) {
    return new DefaultFullHttpResponse(
        HttpVersion.HTTP_1_1,
        head.status(),
        Unpooled.EMPTY_BUFFER,
        head.headers(),
        EmptyHttpHeaders.INSTANCE);
  }
}
