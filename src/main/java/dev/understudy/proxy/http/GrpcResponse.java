package dev.understudy.proxy.http;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import org.jspecify.annotations.Nullable;

/** Responses of gRPC over HTTP/2, which end with their status in trailers. */
public final class GrpcResponse {
  private static final String TYPE = "application/grpc";

  private GrpcResponse() {}

  /**
   * Whether a response is one: {@code application/grpc}, also with {@code +proto} and the like, of
   * any length. That of gRPC-Web has its trailers in its body.
   */
  public static boolean isOne(HttpResponse head) {
    String type = head.headers().get(HttpHeaderNames.CONTENT_TYPE);
    return isType(type) && !head.headers().contains(HttpHeaderNames.CONTENT_LENGTH);
  }

  private static boolean isType(@Nullable String type) {
    return type != null
        && type.regionMatches(true, 0, TYPE, 0, TYPE.length())
        && (type.length() == TYPE.length() || "+; ".indexOf(type.charAt(TYPE.length())) >= 0);
  }

  /**
   * The trailers of a response that its server did not complete: UNAVAILABLE, as clients read a
   * 502, 503 or 504. A reset of the stream would be INTERNAL for them.
   */
  public static HttpHeaders unavailable() {
    return new DefaultHttpHeaders()
        .set("grpc-status", "14")
        .set("grpc-message", "the server did not complete its response");
  }
}
