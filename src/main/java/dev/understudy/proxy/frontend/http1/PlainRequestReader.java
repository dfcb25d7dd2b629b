package dev.understudy.proxy.frontend.http1;

import dev.understudy.proxy.http.PlainHead;
import dev.understudy.proxy.http.PlainHeaders;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import org.jspecify.annotations.Nullable;

/**
 * Creates requests from plain heads, if nothing is in doubt: three words separated by single
 * spaces, one of seven methods, HTTP/1.1, a head as {@link PlainHead} reads it, and a body with a
 * length or none. Netty's decoder would give the same result.
 */
final class PlainRequestReader {
  private static final String VERSION = " HTTP/1.1";

  private static final HttpMethod[] METHODS = {
    HttpMethod.GET,
    HttpMethod.HEAD,
    HttpMethod.POST,
    HttpMethod.PUT,
    HttpMethod.PATCH,
    HttpMethod.DELETE,
    HttpMethod.OPTIONS
  };

  private PlainRequestReader() {}

  /** Returns the request of the head that was read; null if the head has another form. */
  static @Nullable HttpRequest of(PlainHead read) {
    HttpMethod method = method(read);
    int end = read.firstLine() - VERSION.length();
    if (method == null || end < 0 || !read.has(VERSION, end)) {
      return null;
    }
    int start = method.name().length() + 1;
    for (int i = start; i < end; i++) {
      if (read.charAt(i) <= ' ') {
        return null;
      }
    }
    if (start >= end) {
      return null;
    }
    PlainHeaders headers = read.headers();
    if (headers.contentLength() == PlainHeaders.UNCLEAR
        || headers.contains(HttpHeaderNames.TRANSFER_ENCODING)) {
      return null;
    }
    return new DefaultHttpRequest(HttpVersion.HTTP_1_1, method, read.text(start, end), headers);
  }

  private static @Nullable HttpMethod method(PlainHead read) {
    for (HttpMethod method : METHODS) {
      String name = method.name();
      if (read.has(name, 0) && read.charAt(name.length()) == ' ') {
        return method;
      }
    }
    return null;
  }
}
