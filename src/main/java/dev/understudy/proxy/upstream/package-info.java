/**
 * Connections to servers: a connection pool for each event loop and server, with TLS, codec and
 * limits.
 *
 * <p>Deliberately absent: the selection of a server, replay and time-outs, which belong to {@code
 * proxy}.
 */
@NullMarked
package dev.understudy.proxy.upstream;

import org.jspecify.annotations.NullMarked;
