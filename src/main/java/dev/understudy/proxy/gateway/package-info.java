/**
 * The Gateway lane: Spring Cloud Gateway chooses a route and runs its filters, the last of which
 * passes the request to the engine.
 *
 * <p>Deliberately absent: the selection of a server, attempts, and hop-by-hop headers, which belong
 * to the engine; Reactor Netty's HTTP client, which forwards nothing here.
 */
@NullMarked
package dev.understudy.proxy.gateway;

import org.jspecify.annotations.NullMarked;
