/**
 * Clients' HTTP/1 connections: reading and refusing of requests, their order, responses, time-outs,
 * and the end of a connection, for both lanes.
 *
 * <p>Deliberately absent: forwarding, which is the engine's; routes, which {@code proxy.route}
 * compiles.
 */
@NullMarked
package dev.understudy.proxy.front.http1;

import org.jspecify.annotations.NullMarked;
