/**
 * Translates sections of HAProxy's configuration into listeners, pools and routes; each statement
 * gets a verdict.
 *
 * <p>Deliberately absent: guesses. What cannot be said is reported; where it denies, limits or
 * authenticates, the stricter form is taken.
 */
@NullMarked
package dev.understudy.haproxy.translate;

import org.jspecify.annotations.NullMarked;
