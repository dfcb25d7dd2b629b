package dev.understudy.proxy.frontend.http2;

import dev.understudy.proxy.engine.Exchange;
import dev.understudy.proxy.frontend.RoutedRequest;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/**
 * The exchange on one HTTP/2 stream: the request goes to its lane, its body as far as that asks for
 * it, or gets a local response. {@link Http2Response} writes the response.
 */
final class Http2Exchange {
  private final Http2ClientStream stream;
  private final Http2UnreadBody unread;
  private final RoutedRequest request;

  /** The running exchange; null for a local response, or after the end of the exchange. */
  private @Nullable Exchange exchange;

  private boolean delivering;

  Http2Exchange(Http2ClientStream stream, Http2UnreadBody unread, RoutedRequest request) {
    this.stream = stream;
    this.unread = unread;
    this.request = request;
  }

  /**
   * Begins the exchange.
   *
   * @param whole whether the head is the whole request
   */
  void begin(Http2Response response, boolean whole) {
    boolean handshake = stream.handshake() != null;
    if (whole && !handshake) {
      unread.end(EmptyHttpHeaders.INSTANCE);
    }
    response.by(request);
    exchange = request.begin(response);
    if (exchange != null) {
      exchange.start();
      if (handshake && stream.state().isExchange()) {
        // Not before: the end of the handshake would be that of a tunnel that has begun at once.
        unread.end(EmptyHttpHeaders.INSTANCE);
      }
      if (unread.hasEnd()) {
        unread.want();
      }
      var unused = deliver();
    }
  }

  /** Gives the lane what it wants of the body. Returns how many bytes it got. */
  int deliver() {
    if (delivering) {
      return 0;
    }
    delivering = true;
    int given = 0;
    try {
      while (unread.isWanted() && exchange != null && stream.state().isExchange()) {
        // What follows a handshake is no body: it waits for the tunnel.
        boolean handshake = stream.handshake() != null;
        ByteBuf data = handshake ? null : unread.next();
        if (data == null && !unread.hasEnd()) {
          break;
        }
        stream.moved();
        unread.arrived();
        if (data != null) {
          given += data.readableBytes();
          exchange.requestBody(data);
        }
        if (exchange != null && (handshake || !unread.hasPieces())) {
          HttpHeaders end = unread.takeEnd();
          if (end != null) {
            exchange.requestEnd(end);
          }
        }
      }
    } finally {
      delivering = false;
    }
    return given;
  }

  /** Refuses the request with the status. Returns false if no exchange runs. */
  boolean refuse(int status) {
    Exchange running = exchange;
    if (running != null) {
      running.refuse(status);
    }
    return running != null;
  }

  /** Notifies the running exchange, if there is one. */
  void writabilityChanged() {
    if (exchange != null) {
      exchange.writabilityChanged();
    }
  }

  /** Forgets the exchange, which has ended. */
  void over() {
    exchange = null;
  }

  /** Cancels the running exchange, if there is one. */
  void clientGone() {
    Exchange running = exchange;
    exchange = null;
    if (running != null) {
      running.clientGone();
    } else {
      request.clientGone();
    }
  }
}
