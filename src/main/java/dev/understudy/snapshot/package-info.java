/**
 * What the control plane publishes: one immutable {@link dev.understudy.snapshot.Snapshot} of all
 * pools, with the live counters of the data plane, and what the data plane tells it in return.
 *
 * <p>Deliberately absent: decisions, timers and I/O.
 */
@NullMarked
package dev.understudy.snapshot;

import org.jspecify.annotations.NullMarked;
