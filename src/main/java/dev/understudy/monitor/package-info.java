/**
 * The only writer and the only owner of timers: runs probes and the pure cores, publishes one
 * immutable snapshot, emits events.
 *
 * <p>Which thread does what, and what is never done on the monitor's: see {@link
 * dev.understudy.monitor.Monitor}. From the outside in: {@code Monitor} takes configurations and
 * commands; {@code Pools} has a {@code PoolController} for each pool, which has a {@code
 * RoleController} (who serves) and {@code ServerController}s; each of those has a {@code
 * HealthController} (probes, address) and a {@code Circuit}; a {@code Publisher} shows it all.
 *
 * <p>Deliberately absent: HTTP of any kind, metrics, and the data plane, which only reads {@link
 * dev.understudy.monitor.Snapshot} and reports through {@link
 * dev.understudy.monitor.TrafficReports}.
 */
@NullMarked
package dev.understudy.monitor;

import org.jspecify.annotations.NullMarked;
