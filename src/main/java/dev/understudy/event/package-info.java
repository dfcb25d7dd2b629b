/**
 * What happened, for people and machines: one record for each kind of event, its sentence, and the
 * newest of them in memory.
 *
 * <p>Deliberately absent: who is told of them (log, history, notifications, metrics).
 */
@NullMarked
package dev.understudy.event;

import org.jspecify.annotations.NullMarked;
