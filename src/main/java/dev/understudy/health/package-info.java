/**
 * The health of one server, judged from observations: a pure core.
 *
 * <p>Deliberately absent: clocks, threads, timers, random numbers and I/O. Time comes in as an
 * argument; {@code monitor} owns the timers.
 */
@NullMarked
package dev.understudy.health;

import org.jspecify.annotations.NullMarked;
