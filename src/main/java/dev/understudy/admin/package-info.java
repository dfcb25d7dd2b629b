/**
 * Our part of the management port: the JSON API, the event stream, the console and readiness.
 *
 * <p>Deliberately absent: metrics ({@code telemetry}); decisions, which are requested through
 * {@link dev.understudy.monitor.OperatorCommands}; and the main port, whose whole path space
 * belongs to the applications behind it.
 */
@NullMarked
package dev.understudy.admin;

import org.jspecify.annotations.NullMarked;
