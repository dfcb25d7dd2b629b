/**
 * The Gateway lane: Spring Cloud Gateway chooses a route and runs its filters, the last of which
 * hands the request to the engine.
 *
 * <p>Deliberately absent: choosing a server, attempts, and headers between hops, which are the
 * engine's; Reactor Netty's HTTP client, which proxies nothing here.
 */
@NullMarked
package dev.understudy.proxy.gateway;

import org.jspecify.annotations.NullMarked;
