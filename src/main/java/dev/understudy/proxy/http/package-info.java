/**
 * HTTP messages as bytes: reading and writing of heads, framing, and the rules for header fields.
 *
 * <p>Deliberately absent: sockets and event loops, which belong to {@code proxy.upstream} and
 * {@code proxy.frontend}; HTTP/2, which belongs to {@code proxy.frontend}; the choice of the server
 * to which a request is forwarded.
 */
@NullMarked
package dev.understudy.proxy.http;

import org.jspecify.annotations.NullMarked;
