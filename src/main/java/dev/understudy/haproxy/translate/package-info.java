/**
 * Translates sections of HAProxy's configuration into listeners, pools and routes; each statement
 * gets a verdict.
 *
 * <p>HTTP rules are folded in HAProxy's order: each becomes a value with its filters, its verdicts
 * and what it leaves for later ones, where a backend's rules begin with what the frontend's leave.
 * Routes are made of the choices of backends and these values.
 *
 * <p>Deliberately absent: guesses. What cannot be translated is reported; where it denies, limits
 * or authenticates, the stricter form is taken.
 */
@NullMarked
package dev.understudy.haproxy.translate;

import org.jspecify.annotations.NullMarked;
