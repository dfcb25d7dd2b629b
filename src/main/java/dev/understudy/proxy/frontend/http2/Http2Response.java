package dev.understudy.proxy.frontend.http2;

import dev.understudy.proxy.engine.Downstream;
import dev.understudy.proxy.eventloop.PerEventLoop;
import dev.understudy.proxy.frontend.RoutedRequest;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import org.jspecify.annotations.Nullable;

/**
 * Writes the response on one HTTP/2 stream straight to the codec, or ends the stream without a
 * complete one.
 */
final class Http2Response implements Downstream, Http2UnsentBody.Owner {
  private static final String GRPC = "application/grpc";

  /** So much may wait in bytes before the server is no longer read. */
  private static final int HIGH = 64 * 1024;

  /** The server is read again when less than this waits, in bytes. */
  private static final int LOW = 32 * 1024;

  private final Http2ClientStream stream;
  private final Http2FrameOutput output;

  /** Whether the message written last was a 1xx response. */
  private boolean informed;

  /** Whether the final head is one of gRPC. */
  private boolean grpc;

  /** Whether the whole response was written; the client may not have read it. */
  boolean ended;

  private @Nullable RoutedRequest request;
  private @Nullable Http2UnsentBody unsent;

  /**
   * A final head that is not written yet: if nothing follows it, its frame ends the stream, as gRPC
   * clients need it of a response without messages.
   */
  private @Nullable HttpResponse pending;

  private boolean full;
  private boolean delivered;

  /** Trailers that wait for the body to be sent. */
  private HttpHeaders trailers = EmptyHttpHeaders.INSTANCE;

  private boolean brokenOff;

  /** Whether a part of the response was dropped, for which the stream is about to be reset. */
  private boolean dropped;

  /** The reset that follows when all is sent; null for none. */
  private @Nullable Http2Error after;

  Http2Response(Http2ClientStream stream, Http2FrameOutput output) {
    this.stream = stream;
    this.output = output;
  }

  /** Sets the request whose filters apply to the response. */
  void by(RoutedRequest routed) {
    request = routed;
  }

  /**
   * Whether the whole response has left, of a request whose body had not ended when it was written.
   */
  boolean isDelivered() {
    return delivered;
  }

  /** A number that changes when the client reads. */
  long unread() {
    return waiting();
  }

  @Override
  public void informational(HttpResponse response) {
    stream.moved();
    informed = true;
    output.informational(stream.netty(), response);
    output.flushSoon();
  }

  @Override
  public void head(HttpResponse head) {
    stream.moved();
    informed = false;
    if (request != null) {
      request.applyToResponse(head);
    }
    grpc = isGrpc(head);
    pending = head;
  }

  private void writePending() {
    HttpResponse head = pending;
    if (head != null) {
      pending = null;
      output.head(stream.netty(), head, false);
    }
  }

  @Override
  public void body(ByteBuf data) {
    stream.moved();
    writePending();
    if (!data.isReadable() || stream.state() == Http2StreamState.CLOSED || dropped) {
      data.release();
      return;
    }
    if (output.memory().isExhausted()) {
      data.release();
      dropped = true;
      exhausted();
      return;
    }
    if (unsent == null) {
      unsent = new Http2UnsentBody(stream.netty(), this);
    }
    ByteBuf kept = output.waiting(stream.netty(), data, unsent.size());
    output.memory().kept(kept.readableBytes());
    unsent.add(kept, output.flow());
    full |= unsent.size() > HIGH || output.memory().isScarce();
  }

  @Override
  public void flush() {
    writePending();
    output.flushSoon();
  }

  @Override
  public void end(HttpHeaders last) {
    ended = true;
    stream.responseEnded();
    HttpResponse head = pending;
    if (head != null && last.isEmpty()) {
      pending = null;
      output.head(stream.netty(), head, true);
      ended();
    } else {
      writePending();
      finish(last);
    }
    if (stream.hasRemainingBody()) {
      stream.dropUnread();
    }
  }

  /** Ends the stream's output behind what waits. */
  private void finish(HttpHeaders last) {
    trailers = last;
    if (stream.state() == Http2StreamState.CLOSED || dropped) {
      return;
    }
    if (unsent == null || !unsent.isWaiting()) {
      writeEnd();
    } else if (last.isEmpty()) {
      unsent.endWithLast();
    } else {
      int cost = Http2Fields.size(last);
      output.memory().kept(cost);
      unsent.trailersWait(cost);
    }
  }

  private void writeEnd() {
    if (trailers.isEmpty()) {
      output.end(stream.netty());
    } else {
      output.trailers(stream.netty(), trailers);
    }
    ended();
  }

  /** Ends the stream's output; learns when the end has left if something depends on it. */
  private void ended() {
    output.ended(stream.netty(), after != null || stream.hasRemainingBody() ? this::left : null);
  }

  @Override
  public Channel upgrade(HttpResponse switching) {
    if (request != null) {
      request.applyToResponse(switching);
    }
    stream.moved();
    return stream.tunnel(switching);
  }

  @Override
  public int maxFrame() {
    return output.maxFrame();
  }

  @Override
  public void sent(boolean last) {
    if (last) {
      ended();
    } else if (brokenOff && !grpc) {
      resetSoon(Http2Error.CANCEL);
    } else if (ended && !dropped) {
      writeEnd();
    }
  }

  @Override
  public void less(int bytes) {
    output.memory().sent(bytes);
    if (full && waiting() < LOW) {
      output.writableSoon(stream);
    }
  }

  /** Handles the end of the response, which has left for the client. */
  private void left() {
    if (after != null) {
      resetSoon(after);
    } else if (!delivered) {
      delivered = true;
      stream.moved();
    }
  }

  @Override
  public void failed() {
    if (!dropped) {
      dropped = true;
      failSoon(Http2Error.INTERNAL_ERROR);
    }
  }

  private int waiting() {
    return unsent == null ? 0 : unsent.size();
  }

  /** Whether the response goes on when the connection is writable again; it is writable then. */
  boolean isUnblocked() {
    int low = output.memory().isScarce() ? 1 : LOW;
    if (full && waiting() < low && output.isWritable()) {
      full = false;
      stream.moved();
      return true;
    }
    // Otherwise only 1xx responses wait for the connection.
    return informed;
  }

  @Override
  public boolean isWritable() {
    return !full;
  }

  /** Whether stream and connection are writable: heads do not count in a stream's flow control. */
  @Override
  public boolean isHeadWelcome() {
    return isWritable() && output.isWritable();
  }

  @Override
  public void breakOff() {
    // Behind data that waits for the stream's window, which an immediate reset would discard.
    ended = true;
    brokenOff = true;
    stream.over();
    stream.moved();
    writePending();
    if (grpc) {
      // A client that still sends would otherwise go on (RFC 9113 §8.1).
      after = Http2Error.NO_ERROR;
      finish(grpcUnavailable());
    } else {
      // Not INTERNAL_ERROR, for many of which the codec ends the connection, as for an attack.
      if (unsent == null || !unsent.isWaiting()) {
        resetSoon(Http2Error.CANCEL);
      }
    }
    output.flushSoon();
  }

  /** Resets the stream at once. */
  private void reset(Http2Error why) {
    stream.over();
    output.reset(stream.netty(), why);
  }

  /** Resets the stream with NO_ERROR after the whole response (RFC 9113 §8.1). */
  void refuseRest() {
    after = Http2Error.NO_ERROR;
    if (delivered) {
      reset(after);
    }
  }

  /** Resets the stream in a task of its own, as the codec is writing. */
  void resetSoon(Http2Error why) {
    PerEventLoop.run(stream.loop(), () -> reset(why));
  }

  /** Ends a response that cannot be completed, in a task of its own, as its writer is running. */
  void failSoon(Http2Error why) {
    PerEventLoop.run(
        stream.loop(),
        () -> {
          stream.gone();
          reset(why);
        });
  }

  /** Ends a response that cannot be kept, as its client leaves so much unread. */
  void exhausted() {
    output.memory().exhausted();
    failSoon(Http2Error.ENHANCE_YOUR_CALM);
  }

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
