/**
 * What happened, told to people and machines: meters for Prometheus, events as log lines, the
 * access log.
 *
 * <p>Deliberately absent: the data plane, whose outcomes come in as plain values that the root
 * hands on; the API and its event stream ({@code admin}); where meters are scraped (the actuator).
 */
@NullMarked
package dev.understudy.telemetry;

import org.jspecify.annotations.NullMarked;
