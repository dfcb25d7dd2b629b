/**
 * Reports for people and machines: meters for Prometheus, events as log lines, and the access log.
 *
 * <p>Deliberately absent: the data plane, whose outcomes arrive as plain values; the API and its
 * event stream ({@code admin}); the endpoint that is scraped (the actuator).
 */
@NullMarked
package dev.understudy.telemetry;

import org.jspecify.annotations.NullMarked;
