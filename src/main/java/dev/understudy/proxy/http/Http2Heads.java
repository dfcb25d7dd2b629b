package dev.understudy.proxy.http;

import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import java.util.Iterator;
import java.util.Map.Entry;
import org.jspecify.annotations.Nullable;

/** Converts heads and trailers between HTTP/1 and HTTP/2, towards servers (RFC 9113 §8). */
public final class Http2Heads {
  private static final AsciiString TRAILERS = AsciiString.cached("trailers");

  /** A number of fields that most heads do not exceed. */
  private static final int FIELDS = 16;

  private Http2Heads() {}

  /** The head of a response over HTTP/2. */
  public static final class Response extends DefaultHttpResponse {
    private final int costBytes;

    private Response(HttpResponseStatus status, HttpHeaders headers, int costBytes) {
      super(HttpVersion.HTTP_1_1, status, headers);
      this.costBytes = costBytes;
    }

    /** What it takes, in bytes. */
    public int costBytes() {
      return costBytes;
    }
  }

  /**
   * Returns the upstream request head that was written, without the fields that belong to HTTP/1
   * connections (§8.2.2); {@code Host} becomes {@code :authority}.
   *
   * @param scheme {@code http} or {@code https}
   */
  public static Http2Headers request(HeadWriter written, CharSequence scheme) {
    Http2Headers to = new DefaultHttp2Headers(false, FIELDS);
    int at = firstLine(written, to);
    to.scheme(scheme);
    byte[] bytes = written.bytes();
    while (at < written.size()) {
      int colon = at;
      while (bytes[colon] != ':') {
        colon++;
      }
      int end = colon + 2;
      while (bytes[end] != '\r') {
        end++;
      }
      field(
          new AsciiString(bytes, at, colon - at, true).toLowerCase(),
          new AsciiString(bytes, colon + 2, end - colon - 2, true),
          to);
      at = end + 2;
    }
    return to;
  }

  /** Reads the request line; returns the index after it. */
  private static int firstLine(HeadWriter written, Http2Headers to) {
    byte[] bytes = written.bytes();
    int space = 0;
    while (bytes[space] != ' ') {
      space++;
    }
    int end = space + 1;
    while (bytes[end] != ' ') {
      end++;
    }
    to.method(new AsciiString(bytes, 0, space, true));
    to.path(new AsciiString(bytes, space + 1, end - space - 1, true));
    return end + HeadWriter.VERSION_SIZE;
  }

  private static void field(AsciiString name, AsciiString value, Http2Headers to) {
    if (name.contentEquals(HttpHeaderNames.HOST)) {
      to.authority(value);
    } else if (name.contentEquals(HttpHeaderNames.TE)) {
      to.add(name, TRAILERS);
    } else if (!isOfConnection(name)) {
      to.add(name, value);
    }
  }

  private static boolean isOfConnection(CharSequence name) {
    return AsciiString.contentEquals(name, HttpHeaderNames.CONNECTION)
        || AsciiString.contentEquals(name, HttpHeaderNames.TRANSFER_ENCODING)
        || AsciiString.contentEquals(name, HttpHeaderNames.UPGRADE);
  }

  /** Returns the trailers of a request. */
  public static Http2Headers trailers(HttpHeaders trailers) {
    Http2Headers to = new DefaultHttp2Headers(true, FIELDS);
    Iterator<Entry<CharSequence, CharSequence>> all = trailers.iteratorCharSequence();
    while (all.hasNext()) {
      Entry<CharSequence, CharSequence> field = all.next();
      to.add(AsciiString.of(field.getKey()).toLowerCase(), field.getValue());
    }
    return to;
  }

  /**
   * Returns a response's head.
   *
   * @throws IllegalArgumentException if its {@code :status} is not three digits from 100 to 599, or
   *     101, or a field is not valid in HTTP/1
   */
  public static Response response(Http2Headers from) {
    int code = status(from.status());
    if (code < 100 || code > 599 || code == 101) {
      throw new IllegalArgumentException(
          ":status: expected 100 or 102 to 599, found '" + from.status() + "'");
    }
    HttpHeaders headers = DefaultHttpHeadersFactory.headersFactory().newHeaders();
    int size = copy(from, headers);
    if (headers.contains(HttpHeaderNames.CONTENT_LENGTH)) {
      long length =
          HttpUtil.normalizeAndGetContentLength(
              headers.getAll(HttpHeaderNames.CONTENT_LENGTH), false, true);
      headers.set(HttpHeaderNames.CONTENT_LENGTH, Long.toString(length));
    }
    int cost = FieldLines.costBytes(from.size(), size);
    return new Response(HttpResponseStatus.valueOf(code), headers, cost);
  }

  /** The status code (RFC 9113 §8.3.2); -1 if that is not three digits. */
  private static int status(@Nullable CharSequence text) {
    if (text == null || text.length() != 3) {
      return -1;
    }
    int code = 0;
    for (int i = 0; i < 3; i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      code = 10 * code + digit;
    }
    return code;
  }

  /**
   * Adds the length 0 to a response that has ended with its head, other than 204 and 304, so that
   * clients of either protocol know with the head that it is complete. Not for a response to HEAD.
   */
  public static void setContentLengthZero(HttpResponse response) {
    int code = response.status().code();
    if (code != 204 && code != 304) {
      response.headers().set(HttpHeaderNames.CONTENT_LENGTH, HttpHeaderValues.ZERO);
    }
  }

  /**
   * Returns a response's trailers.
   *
   * @throws IllegalArgumentException if a field is not valid in HTTP/1
   */
  public static HttpHeaders responseTrailers(Http2Headers from) {
    HttpHeaders trailers = DefaultHttpHeadersFactory.trailersFactory().newHeaders();
    var unused = copy(from, trailers);
    return trailers;
  }

  /** Copies all but pseudo-header fields. Returns the bytes of their names and values. */
  private static int copy(Http2Headers from, HttpHeaders to) {
    int size = 0;
    for (Entry<CharSequence, CharSequence> field : from) {
      CharSequence name = field.getKey();
      if (!Http2Headers.PseudoHeaderName.hasPseudoHeaderFormat(name)) {
        to.add(name, field.getValue());
        size += name.length() + field.getValue().length();
      }
    }
    return size;
  }
}
