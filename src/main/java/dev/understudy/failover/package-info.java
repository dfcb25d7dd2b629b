/**
 * The choice of one pool's serving server: a pure core.
 *
 * <p>Deliberately absent: clocks, threads, timers, random numbers and I/O.
 */
@NullMarked
package dev.understudy.failover;

import org.jspecify.annotations.NullMarked;
