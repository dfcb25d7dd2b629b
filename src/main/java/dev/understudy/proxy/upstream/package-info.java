/**
 * Connections to servers: one pool for each event loop and server, with TLS, codec and limits.
 *
 * <p>Deliberately absent: the choice of a server, replay and time-outs, which are {@code proxy}'s.
 */
@NullMarked
package dev.understudy.proxy.upstream;

import org.jspecify.annotations.NullMarked;
