package dev.understudy.probe;

import dev.understudy.pool.Header;
import dev.understudy.pool.HttpCheck;
import dev.understudy.pool.ServerAddress;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/** The request of an {@link HttpCheck}. A configured header replaces the default one. */
final class ProbeRequest {
  private static final Set<String> WITH_CONTENT = Set.of("POST", "PUT", "PATCH");

  private ProbeRequest() {}

  static FullHttpRequest of(HttpCheck check, ServerAddress address) {
    String content = check.content();
    byte[] body = content == null ? new byte[0] : content.getBytes(StandardCharsets.UTF_8);
    FullHttpRequest request =
        new DefaultFullHttpRequest(
            HttpVersion.HTTP_1_1,
            HttpMethod.valueOf(check.method()),
            check.path(),
            Unpooled.wrappedBuffer(body));
    HttpHeaders headers = request.headers();
    for (Header header : check.headers()) {
      headers.add(header.name(), header.value());
    }
    if (check.host() != null) {
      headers.set(HttpHeaderNames.HOST, check.host());
    }
    setDefault(headers, HttpHeaderNames.HOST, address.authority());
    setDefault(headers, HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    setDefault(headers, HttpHeaderNames.USER_AGENT, "understudy-probe");
    if (body.length > 0) {
      headers.set(HttpHeaderNames.CONTENT_LENGTH, body.length);
    } else if (WITH_CONTENT.contains(check.method())) {
      // RFC 9110 §8.6: a request with such a method and no body says so.
      setDefault(headers, HttpHeaderNames.CONTENT_LENGTH, HttpHeaderValues.ZERO);
    }
    return request;
  }

  private static void setDefault(HttpHeaders headers, CharSequence name, CharSequence value) {
    if (!headers.contains(name)) {
      headers.set(name, value);
    }
  }
}
