/**
 * Health and roles of all pools: the only writer of their state and the owner of its timers. Runs
 * probes and the pure cores, publishes one immutable snapshot, emits events.
 *
 * <p>{@link dev.understudy.monitor.Monitor} says which thread does what, and what the monitor's
 * thread never does. From the outside in: {@code Monitor} takes configurations, and {@code
 * MonitorCommands} what operators ask for, which {@code PoolCommands} carry out; {@code Pools} has
 * a {@code PoolController} for each pool, which has a {@code RoleRunner} (runs the machine of the
 * role) and {@code ServerController}s; each of those has a {@code HealthController} (runs the
 * values {@code ProbedServer} and {@code Attribution}), an {@code OperatorStateController} (the
 * value {@code StateInForce}) and a {@code CircuitController}; a {@code PublishingScheduler}
 * publishes the snapshot. None of them knows one that it is part of: it owns the interface by which
 * it tells.
 *
 * <p>Deliberately absent: HTTP of any kind, metrics, and the data plane, which only reads {@link
 * dev.understudy.snapshot.Snapshot} and reports through {@link
 * dev.understudy.snapshot.TrafficReports}.
 */
@NullMarked
package dev.understudy.monitor;

import org.jspecify.annotations.NullMarked;
