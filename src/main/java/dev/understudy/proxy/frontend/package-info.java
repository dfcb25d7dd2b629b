/**
 * The frontend: the first handler of every HTTP exchange in both lanes. Keeps pipelined requests in
 * order, refuses malformed HTTP, enforces timeouts, keep-alive and drain, and serves compiled
 * routes on the channel's own event loop: the express lane.
 *
 * <p>Deliberately absent: Spring and Reactor; the installation of handlers in pipelines, which
 * belongs to {@code proxy.listener}; route matching, which belongs to {@code proxy.route}.
 */
@NullMarked
package dev.understudy.proxy.frontend;

import org.jspecify.annotations.NullMarked;
