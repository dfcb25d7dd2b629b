/**
 * The data plane's engine: forwards one request on Netty's own types.
 *
 * <p>Deliberately absent: Spring and Reactor, which end at {@code proxy.gateway}; tunnels, which
 * are {@code proxy.tunnel}'s behind {@link dev.understudy.proxy.TunnelFactory}; judging health,
 * which is {@code health}'s; metrics and log lines, which are made of {@link
 * dev.understudy.traffic.Outcome}s elsewhere.
 */
@NullMarked
package dev.understudy.proxy;

import org.jspecify.annotations.NullMarked;
