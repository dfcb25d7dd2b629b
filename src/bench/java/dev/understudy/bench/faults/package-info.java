/**
 * The fault test: replicas that agree, a stateful application that fences by epoch, clients through
 * all replicas, faults from a seed, and checks of the recorded history.
 *
 * <p>{@link dev.understudy.bench.faults.Checks} and {@link dev.understudy.bench.faults.Pauses}
 * judge a {@link dev.understudy.bench.faults.History} alone; they know no processes and no time but
 * the history's.
 */
@NullMarked
package dev.understudy.bench.faults;

import org.jspecify.annotations.NullMarked;
