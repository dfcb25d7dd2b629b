package dev.understudy.proxy.engine;

import dev.understudy.proxy.http.ProxyRequest;
import dev.understudy.snapshot.ServerState;
import dev.understudy.traffic.RequestEnd;
import dev.understudy.traffic.RequestOutcome;
import org.jspecify.annotations.Nullable;

/** Collects the {@link RequestOutcome} of one request. */
final class OutcomeRecorder {
  private final ProxyRequest request;
  private final String requestId;
  final long startedNanos = System.nanoTime();
  private long responseNanos = -1;
  @Nullable ServerState server;
  int status;
  private int sends;
  private int sendsBefore;
  private int servers;
  private long lastIncarnation;
  long bytesIn;
  long bytesOut;

  OutcomeRecorder(ProxyRequest request, String requestId) {
    this.request = request;
    this.requestId = requestId;
  }

  /** Counts a send to the server. */
  void sent(ServerState to) {
    if (servers == 0 || to.incarnation() != lastIncarnation) {
      servers++;
      lastIncarnation = to.incarnation();
      sendsBefore = sends;
    }
    sends++;
  }

  /** Sends to all servers. */
  int sends() {
    return sends;
  }

  /** Incarnations that the request was sent to; a return to an earlier one counts again. */
  int servers() {
    return servers;
  }

  /** Consecutive sends to the last incarnation. */
  int sendsToLast() {
    return sends - sendsBefore;
  }

  /** The head of the server's final response has come. */
  void responded(int status) {
    this.status = status;
    responseNanos = System.nanoTime() - startedNanos;
  }

  RequestOutcome outcome(RequestEnd end, long heldNanos, long nowNanos) {
    String host = request.clientHost();
    return new RequestOutcome(
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
        responseNanos,
        nowNanos - startedNanos,
        bytesIn,
        bytesOut,
        null,
        request.client());
  }
}
