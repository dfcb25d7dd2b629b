package dev.understudy.proxy;

import dev.understudy.monitor.ServerState;
import org.jspecify.annotations.Nullable;

/** What is to be told of one request when it has ended. */
final class Trace {
  private final ProxyRequest request;
  private final String requestId;
  private final long startedNanos = System.nanoTime();
  private long heldSinceNanos;
  private long heldNanos;
  @Nullable ServerState server;
  int status;
  int sends;
  long bytesIn;
  long bytesOut;

  Trace(ProxyRequest request, String requestId) {
    this.request = request;
    this.requestId = requestId;
  }

  void holdBegins() {
    heldSinceNanos = System.nanoTime();
  }

  void holdEnds() {
    heldNanos += System.nanoTime() - heldSinceNanos;
  }

  /** When an attempt begins that begins now; {@code first}: it follows no other. */
  long attemptNanos(boolean first) {
    return first && heldNanos == 0 ? startedNanos : System.nanoTime();
  }

  Outcome outcome(EndReason end, long nowNanos) {
    String host = request.clientHost();
    return new Outcome(
        request.route(),
        request.pool(),
        server == null ? null : server.server().id(),
        request.client(),
        requestId,
        request.method().name(),
        host == null ? "" : host,
        request.clientTarget(),
        status,
        end,
        sends,
        heldNanos,
        nowNanos - startedNanos,
        bytesIn,
        bytesOut);
  }
}
