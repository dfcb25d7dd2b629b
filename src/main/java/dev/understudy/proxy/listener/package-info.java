/**
 * What listens: TLS with server names, HTTP/2, the plain listener beside it, the PROXY protocol,
 * and how it all stops.
 *
 * <p>Deliberately absent: what happens to a request once it is read, which is {@code
 * proxy.gateway}'s and the engine's.
 */
@NullMarked
package dev.understudy.proxy.listener;

import org.jspecify.annotations.NullMarked;
