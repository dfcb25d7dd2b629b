/**
 * Asks an authenticator whether a request may pass ({@code ForwardAuth}): the subrequest, which the
 * engine forwards to a pool as any other, and answers that are kept for a while. Bounded, shared by
 * both lanes, and kept by a reload that does not change the filter.
 *
 * <p>Deliberately absent: connections, failover and time-outs of servers, which are the pool's;
 * changes of the request, which are of {@code proxy.route}; responses, which the lanes send.
 */
@NullMarked
package dev.understudy.proxy.forwardauth;

import org.jspecify.annotations.NullMarked;
