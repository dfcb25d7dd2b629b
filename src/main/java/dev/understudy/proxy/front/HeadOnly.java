package dev.understudy.proxy.front;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;

/** Answers of which a codec must know at once that nothing follows: all 1xx (RFC 9110 §15.2). */
public final class HeadOnly {
  private HeadOnly() {}

  /** Such a response, with that status and those fields. */
  public static HttpResponse of(HttpResponse head) {
    return new DefaultFullHttpResponse(
        HttpVersion.HTTP_1_1,
        head.status(),
        Unpooled.EMPTY_BUFFER,
        head.headers(),
        EmptyHttpHeaders.INSTANCE);
  }
}
