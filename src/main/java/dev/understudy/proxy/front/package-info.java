/**
 * The front door: the first handler of every HTTP exchange of both lanes. It keeps the order of
 * pipelined requests, refuses bad HTTP, keeps time limits, keep-alive and drain, and serves the
 * routes that were compiled from the channel's own event loop: the express lane.
 *
 * <p>Deliberately absent: Spring and Reactor; how handlers get into a server's pipelines, which is
 * {@code proxy.listener}'s; what makes a route match, which is {@code proxy.route}'s.
 */
@NullMarked
package dev.understudy.proxy.front;

import org.jspecify.annotations.NullMarked;
