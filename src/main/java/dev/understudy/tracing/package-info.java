/**
 * Traces: turns the data plane's reports into OpenTelemetry spans, and bounds their export.
 *
 * <p>Nothing but {@link dev.understudy.tracing.TracingImports} is loaded while {@code
 * understudy.tracing} is off. Deliberately absent: sampling, batches, resources and OTLP, which are
 * Spring Boot's and OpenTelemetry's own, with their settings.
 */
@NullMarked
package dev.understudy.tracing;

import org.jspecify.annotations.NullMarked;
