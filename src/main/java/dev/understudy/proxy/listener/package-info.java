/**
 * The listeners: TLS with server names, HTTP/2, the plain listener, the PROXY protocol, and the
 * order of a stop.
 *
 * <p>Deliberately absent: the handling of requests once they are read, which belongs to {@code
 * proxy.frontend}, {@code proxy.gateway} and the engine.
 */
@NullMarked
package dev.understudy.proxy.listener;

import org.jspecify.annotations.NullMarked;
