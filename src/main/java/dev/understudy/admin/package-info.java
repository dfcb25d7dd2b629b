/**
 * Everything on the management port that is ours: the JSON API, the event stream, the console,
 * readiness.
 *
 * <p>Deliberately absent: metrics ({@code telemetry}); decisions, which are asked for through
 * {@link dev.understudy.monitor.Commands}; and anything on the main port, whose whole path space
 * belongs to the applications behind us.
 */
@NullMarked
package dev.understudy.admin;

import org.jspecify.annotations.NullMarked;
