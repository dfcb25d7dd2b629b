package dev.understudy.proxy.frontend.http2;

import dev.understudy.proxy.frontend.RoutedRequest;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http2.Http2Error;
import org.jspecify.annotations.Nullable;

/** A response on one HTTP/2 stream, straight to the codec. */
final class Http2ExpressResponse extends Http2Response implements Http2UnsentBody.Owner {
  /** So much may wait in bytes before the server is no longer read. */
  private static final int HIGH = 64 * 1024;

  /** The server is read again when less than this waits, in bytes. */
  private static final int LOW = 32 * 1024;

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

  Http2ExpressResponse(Http2ClientStream stream, Http2FrameOutput output) {
    super(stream, output);
  }

  /** Sets the request whose filters apply to the response. */
  void by(RoutedRequest routed) {
    request = routed;
  }

  @Override
  boolean isDelivered() {
    return delivered;
  }

  @Override
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
    return super.upgrade(switching);
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

  /** Makes the stream writable again if it can be. */
  @Override
  boolean isUnblocked() {
    int low = output.memory().isScarce() ? 1 : LOW;
    if (full && waiting() < low && output.isWritable()) {
      full = false;
      stream.moved();
      return true;
    }
    return super.isUnblocked();
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

  @Override
  void reset(Http2Error why) {
    stream.over();
    output.reset(stream.netty(), why);
  }

  @Override
  void refuseRest() {
    after = Http2Error.NO_ERROR;
    if (delivered) {
      reset(after);
    }
  }
}
