package dev.understudy.proxy.frontend.http2;

import dev.understudy.proxy.engine.Downstream;
import dev.understudy.proxy.eventloop.PerEventLoop;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;

/**
 * Writes the response on one HTTP/2 stream, or ends the stream without a complete one; {@link
 * Http2ExpressResponse} has its body.
 */
abstract class Http2Response implements Downstream {
  private static final String GRPC = "application/grpc";

  final Http2ClientStream stream;
  final Http2FrameOutput output;

  /** Whether the message written last was a 1xx response. */
  boolean informed;

  /** Whether the final head is one of gRPC. */
  boolean grpc;

  /** Whether the whole response was written; the client may not have read it. */
  boolean ended;

  Http2Response(Http2ClientStream stream, Http2FrameOutput output) {
    this.stream = stream;
    this.output = output;
  }

  /**
   * Whether the whole response has left, of a request whose body had not ended when it was written.
   */
  abstract boolean isDelivered();

  /** Resets the stream at once. */
  abstract void reset(Http2Error why);

  /** Resets the stream with NO_ERROR after the whole response (RFC 9113 §8.1). */
  abstract void refuseRest();

  /** Resets the stream in a task of its own, as the codec is writing. */
  final void resetSoon(Http2Error why) {
    PerEventLoop.run(stream.loop(), () -> reset(why));
  }

  /** Ends a response that cannot be completed, in a task of its own, as its writer is running. */
  final void failSoon(Http2Error why) {
    PerEventLoop.run(
        stream.loop(),
        () -> {
          stream.gone();
          reset(why);
        });
  }

  /** Ends a response that cannot be kept, as its client leaves so much unread. */
  final void exhausted() {
    output.memory().exhausted();
    failSoon(Http2Error.ENHANCE_YOUR_CALM);
  }

  /** Whether the response goes on when the connection is writable again. */
  boolean isUnblocked() {
    // Otherwise only 1xx responses wait for the connection.
    return informed;
  }

  /** A number that changes when the client reads. */
  abstract long unread();

  @Override
  public void requestRead() {
    stream.readWanted();
  }

  @Override
  public void abort() {
    reset(Http2Error.INTERNAL_ERROR);
  }

  /** Resets the stream with the HTTP/2 error code of the cause, or INTERNAL_ERROR. */
  void fail(Throwable cause) {
    Http2Exception known = Http2CodecUtil.getEmbeddedHttp2Exception(cause);
    reset(known == null ? Http2Error.INTERNAL_ERROR : known.error());
  }

  @Override
  public boolean accepts(HttpResponse response) {
    Http2WebSocket handshake = stream.handshake();
    return handshake == null || handshake.accepts(response);
  }

  @Override
  public Channel upgrade(HttpResponse switching) {
    stream.moved();
    return stream.tunnel(switching);
  }

  /**
   * Whether a response is one of gRPC, which ends with its status in trailers: {@code
   * application/grpc}, also with {@code +proto} and the like, of any length. That of gRPC-Web has
   * its trailers in its body.
   */
  static boolean isGrpc(HttpResponse head) {
    String type = head.headers().get(HttpHeaderNames.CONTENT_TYPE);
    return type != null
        && type.regionMatches(true, 0, GRPC, 0, GRPC.length())
        && (type.length() == GRPC.length() || "+; ".indexOf(type.charAt(GRPC.length())) >= 0)
        && !head.headers().contains(HttpHeaderNames.CONTENT_LENGTH);
  }

  /**
   * The trailers of a response that its server did not complete: UNAVAILABLE, as clients read a
   * 502, 503 or 504. A reset of the stream would be INTERNAL for them.
   */
  static HttpHeaders grpcUnavailable() {
    return new DefaultHttpHeaders()
        .set("grpc-status", "14")
        .set("grpc-message", "the server did not complete its response");
  }
}
