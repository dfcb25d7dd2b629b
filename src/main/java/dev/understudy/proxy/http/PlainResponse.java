package dev.understudy.proxy.http;

import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import org.jspecify.annotations.Nullable;

/**
 * Creates final responses from plain heads, if nothing about them but the length is in doubt;
 * chunked ones are left to Netty's decoder.
 */
final class PlainResponse {
  private static final String VERSION = "HTTP/1.1 ";
  private static final int CODE = VERSION.length();
  private static final int REASON = CODE + 4;

  private PlainResponse() {}

  /** Returns the response of the head that was read; null if the head has another form. */
  static @Nullable HttpResponse of(PlainHead read) {
    HttpResponseStatus status = status(read);
    if (status == null) {
      return null;
    }
    PlainHeaders headers = read.headers();
    return headers.contains(HttpHeaderNames.TRANSFER_ENCODING)
        ? null
        : new DefaultHttpResponse(HttpVersion.HTTP_1_1, status, headers);
  }

  private static @Nullable HttpResponseStatus status(PlainHead read) {
    if (read.firstLine() <= REASON || !read.has(VERSION, 0) || read.charAt(REASON - 1) != ' ') {
      return null;
    }
    int code = 0;
    for (int i = CODE; i < REASON - 1; i++) {
      int digit = read.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return null;
      }
      code = 10 * code + digit;
    }
    // 1xx precedes the final response; a client's codec might treat 205 as bodiless.
    if (code < 200 || code == 205 || code > 599) {
      return null;
    }
    HttpResponseStatus known = HttpResponseStatus.valueOf(code);
    String reason = known.reasonPhrase();
    if (read.firstLine() == REASON + reason.length() && read.has(reason, REASON)) {
      return known;
    }
    return read.charAt(REASON) <= ' ' || read.charAt(read.firstLine() - 1) <= ' '
        ? null
        : new HttpResponseStatus(code, read.text(REASON, read.firstLine()));
  }
}
