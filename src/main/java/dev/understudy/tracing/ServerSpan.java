package dev.understudy.tracing;

import dev.understudy.pool.PoolId;
import dev.understudy.pool.Server;
import dev.understudy.traffic.MatchedRoute;
import dev.understudy.traffic.RequestEnd;
import dev.understudy.traffic.RequestOutcome;
import dev.understudy.traffic.RequestSpan;
import dev.understudy.traffic.TraceContext;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The span of one request, with the attributes of OpenTelemetry's HTTP conventions and ours. */
final class ServerSpan implements RequestSpan {
  /** The name until the method and the route are known, and of a request without them. */
  static final String UNNAMED = "HTTP";

  private final Tracer tracer;
  private final Span span;
  private final Instant start;
  private final TraceContext context;

  /** The span of the attempt that runs; null if none. */
  private @Nullable ClientSpan attempt;

  ServerSpan(Tracer tracer, Span span, Instant start) {
    this.tracer = tracer;
    this.span = span;
    this.start = start;
    SpanContext own = span.getSpanContext();
    this.context = new TraceContext(own.getTraceId(), own.getSpanId(), own.isSampled());
  }

  @Override
  public TraceContext context() {
    return context;
  }

  @Override
  public void attempt(
      PoolId pool, Server server, String method, String target, boolean reused, int sends) {
    attempt = ClientSpan.begin(tracer, span, pool, server, method, target, reused, sends);
  }

  @Override
  public void propagate(BiConsumer<CharSequence, CharSequence> fields) {
    if (attempt != null) {
      attempt.propagate(fields);
    }
  }

  @Override
  public void responded(int status) {
    if (attempt != null) {
      attempt.responded(status);
    }
  }

  @Override
  public void tunnelled() {
    responded(101);
    endAttempt(ClientSpan::end);
  }

  @Override
  public void attemptFailed(String failure, String detail) {
    endAttempt(running -> running.fail(failure, detail));
  }

  private void endAttempt(Consumer<ClientSpan> ending) {
    ClientSpan ended = attempt;
    attempt = null;
    if (ended != null) {
      ending.accept(ended);
    }
  }

  @Override
  public void end(RequestOutcome outcome) {
    RequestEnd end = outcome.end();
    endAttempt(end == RequestEnd.COMPLETED ? ClientSpan::end : running -> running.abandon(end));
    if (span.isRecording()) {
      describe(outcome.bounded());
    }
    span.end(start.plus(Duration.ofNanos(outcome.durationNanos())));
  }

  private void describe(RequestOutcome outcome) {
    MatchedRoute route = outcome.route();
    String method = SpanAttributes.method(span, outcome.method());
    span.updateName(route == null ? method : method + " " + route.id());
    span.setAttribute(SpanAttributes.PATH, SpanAttributes.path(outcome.target()));
    if (!outcome.host().isEmpty()) {
      span.setAttribute(SpanAttributes.SERVER_ADDRESS, SpanAttributes.name(outcome.host()));
    }
    span.setAttribute(SpanAttributes.CLIENT_ADDRESS, RequestOutcome.address(outcome.client()));
    if (outcome.status() != 0) {
      span.setAttribute(SpanAttributes.STATUS, outcome.status());
    }
    if (route != null) {
      span.setAttribute(SpanAttributes.ROUTE, route.id());
    }
    if (outcome.pool() != null) {
      span.setAttribute(SpanAttributes.POOL, outcome.pool().value());
    }
    if (outcome.server() != null) {
      span.setAttribute(SpanAttributes.SERVER, outcome.server().value());
    }
    span.setAttribute(SpanAttributes.ATTEMPTS, outcome.attempts());
    span.setAttribute(SpanAttributes.HELD, seconds(outcome.heldNanos()));
    span.setAttribute(SpanAttributes.OUTCOME, outcome.end().name());
    span.setAttribute(SpanAttributes.REQUEST_ID, outcome.requestId());
    judge(outcome);
  }

  /** Only a 5xx response is an error of the server; a 4xx is the client's. */
  private void judge(RequestOutcome outcome) {
    if (SpanAttributes.isFailure(outcome.end())) {
      span.setStatus(StatusCode.ERROR);
      span.setAttribute(SpanAttributes.ERROR, outcome.end().name());
    } else if (outcome.status() >= 500) {
      span.setStatus(StatusCode.ERROR);
      span.setAttribute(SpanAttributes.ERROR, Integer.toString(outcome.status()));
    } else if (outcome.end() == RequestEnd.CLIENT_GONE) {
      span.setAttribute(SpanAttributes.ERROR, outcome.end().name());
    }
  }

  private static double seconds(long nanos) {
    return (double) nanos / TimeUnit.SECONDS.toNanos(1);
  }
}
