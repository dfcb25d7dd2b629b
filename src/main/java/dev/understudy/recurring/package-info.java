/**
 * Work that repeats: one piece at a time, each of which ends or is really cancelled.
 *
 * <p>Deliberately absent: threads. Work runs on that of its owner.
 */
@NullMarked
package dev.understudy.recurring;

import org.jspecify.annotations.NullMarked;
