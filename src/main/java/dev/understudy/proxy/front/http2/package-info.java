/**
 * Clients' HTTP/2 connections and streams: what {@code proxy.front.http1} does for HTTP/1, for both
 * lanes.
 *
 * <p>Deliberately absent: HTTP/2 towards servers.
 */
@NullMarked
package dev.understudy.proxy.front.http2;

import org.jspecify.annotations.NullMarked;
