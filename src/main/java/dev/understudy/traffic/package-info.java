/**
 * The data plane's reports on requests: outcomes, retries, limits.
 *
 * <p>Deliberately absent: metrics and log lines, which {@code telemetry} makes of them.
 */
@NullMarked
package dev.understudy.traffic;

import org.jspecify.annotations.NullMarked;
