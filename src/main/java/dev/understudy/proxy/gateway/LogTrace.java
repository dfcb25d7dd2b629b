package dev.understudy.proxy.gateway;

import dev.understudy.traffic.TraceContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/**
 * Lets log lines about a request name its trace, under the keys that Spring Boot's patterns use.
 */
final class LogTrace {
  private static final String TRACE = "traceId";
  private static final String SPAN = "spanId";

  private LogTrace() {}

  /**
   * Runs what writes the lines.
   *
   * @param trace null if the request is not traced
   */
  static void with(@Nullable TraceContext trace, Runnable lines) {
    if (trace == null) {
      lines.run();
      return;
    }
    MDC.put(TRACE, trace.traceId());
    MDC.put(SPAN, trace.spanId());
    try {
      lines.run();
    } finally {
      MDC.remove(TRACE);
      MDC.remove(SPAN);
    }
  }
}
