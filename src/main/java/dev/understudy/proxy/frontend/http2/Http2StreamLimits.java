package dev.understudy.proxy.frontend.http2;

import dev.understudy.proxy.frontend.Frontend;
import dev.understudy.proxy.frontend.RemainingBodyLimits;
import dev.understudy.proxy.frontend.RequestBodyCounter;
import dev.understudy.proxy.frontend.http2.Http2StreamState.Event;
import dev.understudy.traffic.Limit;
import org.jspecify.annotations.Nullable;

/**
 * The limits on the client of one HTTP/2 stream: the size of its request's body, what is dropped of
 * it after the response, and the time for which it neither sends nor reads.
 */
final class Http2StreamLimits {
  private final Frontend frontend;
  private final Http2ClientStream stream;

  /** Created on first use: most requests have no body. */
  private @Nullable RequestBodyCounter upload;

  Http2StreamLimits(Frontend frontend, Http2ClientStream stream) {
    this.frontend = frontend;
    this.stream = stream;
  }

  /** Whether that many bytes more exceed {@code max-body}. */
  boolean isTooLongWith(int bytes) {
    if (bytes == 0 || !upload().isTooLongWith(bytes)) {
      return false;
    }
    frontend.listener().limited(Limit.BODY_SIZE);
    return true;
  }

  /** Restarts the count, for the remaining body. */
  void remainingBodyBegins() {
    upload().begin();
  }

  /**
   * Drops bytes of the remaining body, if there is one.
   *
   * @param end whether it ends with them
   */
  void drop(int bytes, boolean end) {
    if (!stream.hasRemainingBody()) {
      return;
    }
    boolean delivered = stream.response().isDelivered();
    if (!delivered) {
      stream.moved();
    }
    boolean tooMuch = upload().isTooMuchToDrop(bytes, delivered);
    if (end) {
      stream.on(Event.REQUEST_END);
    } else if (tooMuch) {
      refuseRest();
    }
  }

  /** Refuses the remaining body by ending the stream. */
  private void refuseRest() {
    stream.on(Event.OUTPUT_END);
    stream.moved();
    stream.response().refuseRest();
  }

  /** Applies the limits on time; the wait for a request's head is the connection's. */
  void sweep(long nowClock, Http2Response response) {
    long waited = stream.waited(nowClock);
    if (stream.hasRemainingBody() && response.isDelivered()) {
      if (waited >= RemainingBodyLimits.MAX_NANOS) {
        refuseRest();
      }
    } else if (stream.state().awaitsClient()
        && stream.isClientsTurn(response.isWritable(), response.unread(), isAwaited(response))
        && waited >= frontend.limits().idle().toNanos()) {
      frontend.listener().limited(Limit.CLIENT_IDLE);
      stream.clientIsIdle();
    }
  }

  /** Whether the client should read a complete response or send more of its request. */
  private boolean isAwaited(Http2Response response) {
    return response.ended || (stream.state().isIncomplete() && stream.unread().isWanted());
  }

  private RequestBodyCounter upload() {
    if (upload == null) {
      upload = new RequestBodyCounter(frontend.limits());
    }
    return upload;
  }
}
