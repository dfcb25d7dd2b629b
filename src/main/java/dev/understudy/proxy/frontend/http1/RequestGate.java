package dev.understudy.proxy.frontend.http1;

import dev.understudy.proxy.http.UpgradeOffer;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Says whether another request may begin on one HTTP/1 connection. It is shut behind a WebSocket
 * handshake or another request for an upgrade, as the next bytes may belong to a tunnel, and while
 * 16 requests await their responses.
 */
final class RequestGate {
  /**
   * The most requests without a response. Bounds the memory that a client costs that sends requests
   * and reads no responses: as objects, the fields of a head can take 30 times their bytes.
   */
  private static final int MAX_PIPELINED = 16;

  private final Queue<HttpMethod> asked;

  /** Whether a request may open a tunnel and awaits its response. */
  private boolean handshake;

  /**
   * The last request, until it is known whether it may open a tunnel; else null. The frontend
   * decides, unless more bytes arrive while the request still waits for its turn.
   */
  private @Nullable HttpRequest undecided;

  /**
   * @param asked the methods of the requests without a response, to which that of each is added
   */
  RequestGate(Queue<HttpMethod> asked) {
    this.asked = asked;
  }

  /** Notes a request that has begun. */
  void begun(HttpRequest request) {
    asked.add(request.method());
    undecided = request;
  }

  /** Notes the frontend's decision on a request. */
  // Requests are compared by identity.
  @SuppressWarnings("ReferenceEquality")
  void decided(HttpRequest request, boolean opensTunnel) {
    handshake |= opensTunnel;
    if (undecided == request) {
      undecided = null;
    }
  }

  /** Whether no message may begin. Decides on the last request if the frontend has not. */
  boolean isShut() {
    HttpRequest unknown = undecided;
    if (unknown != null) {
      undecided = null;
      handshake |= UpgradeOffer.isMade(unknown.protocolVersion(), unknown.headers());
    }
    return handshake || asked.size() >= MAX_PIPELINED;
  }

  /** Opens the gate: all requests have their responses, none of them a 101. */
  void open() {
    handshake = false;
    undecided = null;
  }

  /** The number of requests without a response. */
  int waiting() {
    return asked.size();
  }
}
