/**
 * The data plane's reports on requests: outcomes, retries, limits, spans.
 *
 * <p>Deliberately absent: metrics and log lines, which {@code telemetry} makes of them, and
 * OpenTelemetry, which {@code tracing} knows.
 */
@NullMarked
package dev.understudy.traffic;

import org.jspecify.annotations.NullMarked;
