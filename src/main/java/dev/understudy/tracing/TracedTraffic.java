package dev.understudy.tracing;

import dev.understudy.traffic.DelegatingTrafficListener;
import dev.understudy.traffic.RequestOutcome;
import dev.understudy.traffic.RequestSpan;
import dev.understudy.traffic.TrafficListener;
import io.netty.handler.codec.http.HttpHeaders;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes a span of kind SERVER of each request; passes everything on. A well-formed {@code
 * traceparent} is continued; a malformed one, or several, begin a new trace (W3C Trace Context
 * §3.3, "restart").
 *
 * <p>Parents are passed explicitly: nothing is ever current on a thread, since an event loop has
 * many requests at a time.
 */
final class TracedTraffic extends DelegatingTrafficListener {
  private final Tracer tracer;
  private final TrafficListener next;

  TracedTraffic(Tracer tracer, TrafficListener next) {
    this.tracer = tracer;
    this.next = next;
  }

  @Override
  public RequestSpan began(HttpHeaders headers, long startedNanos) {
    return begin(headers, Instant.now().minusNanos(System.nanoTime() - startedNanos));
  }

  private ServerSpan begin(HttpHeaders headers, Instant start) {
    Context parent =
        W3CTraceContextPropagator.getInstance()
            .extract(Context.root(), headers, HeaderFields.INSTANCE);
    Span span =
        tracer
            .spanBuilder(ServerSpan.UNNAMED)
            .setParent(parent)
            .setSpanKind(SpanKind.SERVER)
            .setStartTimestamp(start)
            .startSpan();
    return new ServerSpan(tracer, span, start);
  }

  @Override
  public void endedLocally(RequestOutcome outcome, HttpHeaders headers) {
    ServerSpan span = begin(headers, Instant.now().minusNanos(outcome.durationNanos()));
    span.end(outcome);
    next.endedLocally(outcome.tracedBy(span.context()), headers);
  }

  @Override
  protected TrafficListener next() {
    return next;
  }

  /** Reads the fields of a request. */
  private static final class HeaderFields implements TextMapGetter<HttpHeaders> {
    static final HeaderFields INSTANCE = new HeaderFields();

    @Override
    public Iterable<String> keys(HttpHeaders headers) {
      return headers.names();
    }

    /**
     * Lines of {@code tracestate} are one list (§3.3.1); of {@code traceparent} only one counts.
     */
    @Override
    public @Nullable String get(@Nullable HttpHeaders headers, String name) {
      List<String> values = headers == null ? List.of() : headers.getAll(name);
      if (values.size() > 1) {
        return name.equals("tracestate") ? String.join(",", values) : null;
      }
      return values.isEmpty() ? null : values.get(0);
    }
  }
}
