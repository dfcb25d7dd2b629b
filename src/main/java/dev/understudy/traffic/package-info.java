/**
 * What the data plane tells about requests: outcomes, retries, limits.
 *
 * <p>Deliberately absent: metrics and log lines, which {@code telemetry} makes of it.
 */
@NullMarked
package dev.understudy.traffic;

import org.jspecify.annotations.NullMarked;
