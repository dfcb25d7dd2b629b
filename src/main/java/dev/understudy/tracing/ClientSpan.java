package dev.understudy.tracing;

import dev.understudy.pool.PoolId;
import dev.understudy.pool.Server;
import dev.understudy.traffic.RequestEnd;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapSetter;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** The span of one attempt, of kind CLIENT. */
final class ClientSpan {
  private static final TextMapSetter<BiConsumer<CharSequence, CharSequence>> FIELDS =
      ClientSpan::set;

  /** The most characters of a failure's description. */
  private static final int MAX_DETAIL = 200;

  private final Span span;

  private ClientSpan(Span span) {
    this.span = span;
  }

  static ClientSpan begin(
      Tracer tracer,
      Span parent,
      PoolId pool,
      Server server,
      String method,
      String target,
      boolean reused,
      int sends) {
    Span span =
        tracer
            .spanBuilder(method)
            .setParent(Context.root().with(parent))
            .setSpanKind(SpanKind.CLIENT)
            .startSpan();
    if (span.isRecording()) {
      span.updateName(SpanAttributes.method(span, method));
      span.setAttribute(SpanAttributes.URL, server.address() + SpanAttributes.path(target));
      span.setAttribute(SpanAttributes.SERVER_ADDRESS, server.address().host());
      span.setAttribute(SpanAttributes.SERVER_PORT, server.address().port());
      if (sends > 0) {
        span.setAttribute(SpanAttributes.RESENDS, sends);
      }
      span.setAttribute(SpanAttributes.POOL, pool.value());
      span.setAttribute(SpanAttributes.SERVER, server.id().value());
      span.setAttribute(SpanAttributes.CONNECTION, reused ? "reused" : "new");
    }
    return new ClientSpan(span);
  }

  /** Passes the header fields for the server that make this span the parent there. */
  void propagate(BiConsumer<CharSequence, CharSequence> fields) {
    W3CTraceContextPropagator.getInstance().inject(Context.root().with(span), fields, FIELDS);
  }

  private static void set(
      @Nullable BiConsumer<CharSequence, CharSequence> to, String name, String value) {
    if (to != null) {
      to.accept(name, value);
    }
  }

  /** As of requests, only 5xx are errors: that a client asks for what is not there is none. */
  void responded(int status) {
    span.setAttribute(SpanAttributes.STATUS, status);
    if (status >= 500) {
      span.setStatus(StatusCode.ERROR);
      span.setAttribute(SpanAttributes.ERROR, Integer.toString(status));
    }
  }

  /** Ends the span of an attempt whose response was relayed whole, or became a tunnel. */
  void end() {
    span.end();
  }

  void fail(String failure, String detail) {
    String bounded = detail.length() > MAX_DETAIL ? detail.substring(0, MAX_DETAIL) : detail;
    span.setStatus(StatusCode.ERROR, bounded);
    span.setAttribute(SpanAttributes.ERROR, failure);
    span.end();
  }

  /** Ends the span of an attempt that was given up because the request ended. */
  void abandon(RequestEnd end) {
    span.setAttribute(SpanAttributes.ERROR, end.name());
    if (SpanAttributes.isFailure(end)) {
      span.setStatus(StatusCode.ERROR);
    }
    span.end();
  }
}
