/**
 * Pinning of event loops to CPUs.
 *
 * <p>Deliberately absent: the number of event loops, which {@code proxy.listener} sets; all other
 * threads, which the scheduler places.
 */
@NullMarked
package dev.understudy.proxy.cpu;

import org.jspecify.annotations.NullMarked;
