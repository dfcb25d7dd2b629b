/**
 * Health and roles of all pools: the only writer of their state and the owner of its timers. Runs
 * probes and the pure cores, publishes one immutable snapshot, emits events.
 *
 * <p>{@link dev.understudy.monitor.Monitor} says which thread does what, and what the monitor's
 * thread never does. From the outside in: {@code Monitor} takes configurations and commands; {@code
 * Pools} has a {@code PoolController} for each pool, which has a {@code RoleRunner} (runs the
 * machine of the role), {@code PoolCommands} (what operators ask for) and {@code
 * ServerController}s; each of those has a {@code HealthController} (probes, address) and a {@code
 * ServerCircuitBreaker}; a {@code Publisher} publishes the snapshot.
 *
 * <p>Deliberately absent: HTTP of any kind, metrics, and the data plane, which only reads {@link
 * dev.understudy.snapshot.Snapshot} and reports through {@link
 * dev.understudy.snapshot.TrafficReports}.
 */
@NullMarked
package dev.understudy.monitor;

import org.jspecify.annotations.NullMarked;
