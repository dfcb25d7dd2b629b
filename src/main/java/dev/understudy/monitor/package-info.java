/**
 * The only writer and the only owner of timers: runs probes and the pure cores, publishes one
 * immutable snapshot, emits events.
 *
 * <p>Deliberately absent: HTTP of any kind, metrics, and the data plane, which only reads {@link
 * dev.understudy.monitor.Snapshot} and reports through {@link
 * dev.understudy.monitor.TrafficReports}.
 */
@NullMarked
package dev.understudy.monitor;

import org.jspecify.annotations.NullMarked;
