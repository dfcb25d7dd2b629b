package dev.understudy.proxy.frontend;

import dev.understudy.proxy.http.FieldLines;
import dev.understudy.proxy.http.RequestParts;
import dev.understudy.traffic.Limit;
import dev.understudy.traffic.TrafficListener;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;

/** Checks that apply to every request, in either lane, and those of what becomes objects. */
public final class RequestAdmission {
  private RequestAdmission() {}

  /** Returns the status with which the request is refused; 0 if it is accepted. */
  public static int refusal(HttpRequest request, FrontendLimits limits, TrafficListener listener) {
    if (request.protocolVersion().majorVersion() != 1) {
      return 505;
    }
    DecoderResult decoded = request.decoderResult();
    if (decoded.isFailure()) {
      return undecodable(decoded.cause(), listener);
    }
    // The codec has already checked this for HTTP/1.1.
    if (RequestSyntax.lineLength(request) > limits.maxRequestLine()) {
      listener.limited(Limit.REQUEST_LINE);
      return 414;
    }
    if (request.headers().size() > limits.maxHeaders()) {
      listener.limited(Limit.HEADER_COUNT);
      return 431;
    }
    try {
      RequestSyntax.require(request);
    } catch (RequestSyntax.Malformed e) {
      return 400;
    }
    if (limits.refuseAmbiguousPaths() && AmbiguousPath.isIn(request.uri())) {
      return 400;
    }
    if (limits.maxBody().isPresent() && length(request) > limits.maxBody().getAsLong()) {
      listener.limited(Limit.BODY_SIZE);
      return 413;
    }
    return 0;
  }

  /**
   * Returns the status with which a request is refused that has too many parts to make objects of
   * them; 0 if it is accepted.
   */
  static int refusal(RequestParts parts, FrontendLimits limits, TrafficListener listener) {
    int status = parts.refusal(limits.parts());
    if (status == 431) {
      listener.limited(Limit.COOKIE_COUNT);
    } else if (status != 0) {
      listener.limited(
          parts.segments() > limits.parts().segments()
              ? Limit.PATH_SEGMENT_COUNT
              : Limit.QUERY_PARAMETER_COUNT);
    }
    return status;
  }

  private static int undecodable(Throwable cause, TrafficListener listener) {
    if (cause instanceof TooLongHttpLineException) {
      listener.limited(Limit.REQUEST_LINE);
      return 414;
    }
    if (cause instanceof TooLongHttpHeaderException) {
      listener.limited(Limit.HEADER_SIZE);
      return 431;
    }
    if (cause instanceof FieldLines.TooMany) {
      listener.limited(Limit.HEADER_COUNT);
      return 431;
    }
    return 400;
  }

  /** Whether a body follows (RFC 9112 §6.3). */
  public static boolean hasBody(HttpRequest request) {
    HttpHeaders headers = request.headers();
    return length(request) > 0 || headers.contains(HttpHeaderNames.TRANSFER_ENCODING);
  }

  /** Returns {@code Content-Length}, 0 without one; the codec has refused malformed values. */
  private static long length(HttpRequest request) {
    String length = request.headers().get(HttpHeaderNames.CONTENT_LENGTH);
    try {
      return length == null ? 0 : Long.parseLong(length);
    } catch (NumberFormatException e) {
      return 0;
    }
  }
}
