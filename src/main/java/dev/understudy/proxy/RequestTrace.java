package dev.understudy.proxy;

import dev.understudy.monitor.ServerState;
import dev.understudy.proxy.http.ProxyRequest;
import dev.understudy.traffic.EndReason;
import dev.understudy.traffic.Outcome;
import org.jspecify.annotations.Nullable;

/** What is to be told of one request when it has ended. */
final class RequestTrace {
  private final ProxyRequest request;
  private final String requestId;
  private final long startedNanos = System.nanoTime();
  private long heldSinceNanos;
  private long heldNanos;
  @Nullable ServerState server;
  int status;
  private int sends;
  private int sendsBefore;
  private int servers;
  private long lastIncarnation;
  long bytesIn;
  long bytesOut;

  RequestTrace(ProxyRequest request, String requestId) {
    this.request = request;
    this.requestId = requestId;
  }

  /** It is sent to that server. */
  void sent(ServerState to) {
    if (servers == 0 || to.incarnation() != lastIncarnation) {
      servers++;
      lastIncarnation = to.incarnation();
      sendsBefore = sends;
    }
    sends++;
  }

  /** To servers in all. */
  int sends() {
    return sends;
  }

  /** Incarnations that it was sent to; one that it came back to counts again. */
  int servers() {
    return servers;
  }

  /** To the incarnation that it was last sent to, without a break. */
  int sendsToLast() {
    return sends - sendsBefore;
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
        request.client().remote(),
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
