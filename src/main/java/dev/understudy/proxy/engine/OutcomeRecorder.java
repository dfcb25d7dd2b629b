package dev.understudy.proxy.engine;

import dev.understudy.proxy.http.HeadWriter;
import dev.understudy.proxy.http.ProxyRequest;
import dev.understudy.snapshot.ServerState;
import dev.understudy.traffic.RequestEnd;
import dev.understudy.traffic.RequestOutcome;
import dev.understudy.traffic.RequestSpan;
import dev.understudy.traffic.TraceContext;
import dev.understudy.traffic.TrafficListener;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import org.jspecify.annotations.Nullable;

/**
 * Records what becomes of one request: its {@link RequestOutcome}, and its span if it is traced.
 */
final class OutcomeRecorder {
  private static final AsciiString TRACEPARENT = AsciiString.cached("traceparent");
  private static final AsciiString TRACESTATE = AsciiString.cached("tracestate");

  private final TrafficListener listener;
  private final ProxyRequest request;
  private final String requestId;

  /** Null if requests are not traced. */
  private final @Nullable RequestSpan span;

  final long startedNanos = System.nanoTime();
  private long responseNanos = -1;
  private @Nullable HttpHeaders responseFields;
  private @Nullable ServerState server;
  int status;
  private int sends;
  private int sendsBefore;
  private int servers;
  private long lastIncarnation;
  long bytesIn;
  long bytesOut;

  OutcomeRecorder(TrafficListener listener, ProxyRequest request, String requestId) {
    this.listener = listener;
    this.request = request;
    this.requestId = requestId;
    this.span = beginSpan();
  }

  /** Begins the span; each attempt brings a trace context in place of the client's own. */
  private @Nullable RequestSpan beginSpan() {
    HttpHeaders headers = request.headers();
    RequestSpan begun = listener.began(headers, startedNanos);
    if (begun != null) {
      headers.remove(TRACEPARENT).remove(TRACESTATE);
    }
    return begun;
  }

  @Nullable TraceContext trace() {
    return span == null ? null : span.context();
  }

  /** The server that was selected last; null if none was. */
  @Nullable ServerState server() {
    return server;
  }

  /** Records the selection of a server. */
  void selected(ServerState next) {
    server = next;
  }

  /**
   * Records that an attempt begins.
   *
   * @param reused whether the connection was idle; otherwise a new one is opened
   */
  void attempt(SelectedServer to, boolean reused) {
    if (span != null) {
      span.attempt(
          request.pool(),
          to.server().server(),
          request.method().name(),
          request.target(),
          reused,
          sends);
    }
  }

  /** Writes the trace context of the attempt. */
  void propagate(HeadWriter head) {
    if (span != null) {
      span.propagate(head::field);
    }
  }

  /**
   * Records that the attempt failed.
   *
   * @param failure one of a fixed set of words
   * @param detail the reason for people
   */
  void attemptFailed(String failure, String detail) {
    if (span != null) {
      span.attemptFailed(failure, detail);
    }
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

  /**
   * Records that the head of the server's final response has come.
   *
   * @param fields of the response, which are relayed once they are changed
   */
  void responded(int status, HttpHeaders fields) {
    head(status);
    responseFields = fields;
    if (span != null) {
      span.responded(status);
    }
  }

  /** Records that the server's 101 has come, and makes the connection a tunnel. */
  void switched() {
    head(101);
    if (span != null) {
      span.tunnelled();
    }
  }

  private void head(int status) {
    this.status = status;
    responseNanos = System.nanoTime() - startedNanos;
  }

  /**
   * Reports the outcome; called once.
   *
   * @param nowNanos by {@link System#nanoTime}
   */
  void report(RequestEnd end, long heldNanos, long nowNanos) {
    RequestOutcome outcome = outcome(end, heldNanos, nowNanos);
    if (span != null) {
      span.end(outcome);
      outcome = outcome.tracedBy(span.context());
    }
    listener.endedForwarded(outcome, request.headers(), responseFields);
  }

  private RequestOutcome outcome(RequestEnd end, long heldNanos, long nowNanos) {
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
