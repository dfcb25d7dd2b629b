/**
 * Client connections over HTTP/1, for both lanes: reading and refusing requests, their order,
 * responses, timeouts, and the end of a connection.
 *
 * <p>Deliberately absent: forwarding, which belongs to the engine; routes, which {@code
 * proxy.route} compiles.
 */
@NullMarked
package dev.understudy.proxy.frontend.http1;

import org.jspecify.annotations.NullMarked;
