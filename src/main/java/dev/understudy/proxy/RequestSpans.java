package dev.understudy.proxy;

import dev.understudy.proxy.http.HeadWriter;
import dev.understudy.proxy.http.ProxyRequest;
import dev.understudy.traffic.AttemptSpan;
import dev.understudy.traffic.EndReason;
import dev.understudy.traffic.Outcome;
import dev.understudy.traffic.RequestSpan;
import dev.understudy.traffic.TraceContext;
import dev.understudy.traffic.TrafficListener;
import io.netty.util.AsciiString;
import org.jspecify.annotations.Nullable;

/** The spans of one exchange: its own, and that of the current attempt. */
final class RequestSpans {
  private static final AsciiString TRACEPARENT = AsciiString.cached("traceparent");
  private static final AsciiString TRACESTATE = AsciiString.cached("tracestate");

  private final ProxyRequest request;
  private final RequestSpan span;
  private @Nullable AttemptSpan attempt;

  private RequestSpans(ProxyRequest request, RequestSpan span) {
    this.request = request;
    this.span = span;
  }

  /**
   * Begins the exchange's span; returns null if requests are not traced. The client's own trace
   * context leaves the request, as each attempt brings its own.
   *
   * @param startedNanos when the exchange began, by {@link System#nanoTime}
   */
  static @Nullable RequestSpans begin(
      TrafficListener listener, ProxyRequest request, long startedNanos) {
    RequestSpan begun = listener.began(request.headers(), startedNanos);
    if (begun == null) {
      return null;
    }
    request.headers().remove(TRACEPARENT);
    request.headers().remove(TRACESTATE);
    return new RequestSpans(request, begun);
  }

  TraceContext context() {
    return span.context();
  }

  /**
   * Begins the span of an attempt.
   *
   * @param reused whether it has an idle connection of the pool
   * @param sends how often the request was sent before
   */
  void attempt(SelectedServer to, boolean reused, int sends) {
    attempt =
        span.attempt(
            request.pool(),
            to.server().server(),
            request.method().name(),
            request.target(),
            reused,
            sends);
  }

  /** Writes the trace context of the current attempt. */
  void propagate(HeadWriter to) {
    if (attempt != null) {
      attempt.propagate(to::field);
    }
  }

  /** Records the status of the response that the client gets. */
  void responded(int status) {
    if (attempt != null) {
      attempt.responded(status);
    }
  }

  /** Ends the span of an attempt whose connection became a tunnel. */
  void tunnelled() {
    AttemptSpan ended = takeAttempt();
    if (ended != null) {
      ended.responded(101);
      ended.end();
    }
  }

  void failed(UpstreamFailure failure, String detail) {
    AttemptSpan ended = takeAttempt();
    if (ended != null) {
      ended.fail(failure.name(), detail);
    }
  }

  private @Nullable AttemptSpan takeAttempt() {
    AttemptSpan taken = attempt;
    attempt = null;
    return taken;
  }

  /** Ends all spans; returns the outcome with the exchange's span in it. */
  Outcome end(Outcome outcome) {
    AttemptSpan last = takeAttempt();
    if (last != null && outcome.end() == EndReason.ANSWERED) {
      last.end();
    } else if (last != null) {
      last.abandon(outcome.end());
    }
    span.end(outcome);
    return outcome.tracedBy(span.context());
  }
}
