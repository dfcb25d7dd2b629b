/**
 * The data plane's engine: forwards one request, on Netty's own types.
 *
 * <p>Deliberately absent: Spring and Reactor, which end at {@code proxy.gateway}; tunnels, which
 * belong to {@code proxy.tunnel} behind {@link dev.understudy.proxy.engine.TunnelFactory}; the
 * judgement of health, which belongs to {@code health}; metrics and log lines, which others make of
 * {@link dev.understudy.traffic.RequestOutcome}s.
 */
@NullMarked
package dev.understudy.proxy.engine;

import org.jspecify.annotations.NullMarked;
