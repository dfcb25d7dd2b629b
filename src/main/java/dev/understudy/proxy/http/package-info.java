/**
 * HTTP messages as bytes: reading and writing of heads, framing, and the rules for header fields.
 *
 * <p>Deliberately absent: sockets and event loops, which are {@code proxy.upstream}'s and {@code
 * proxy.front}'s; HTTP/2, which is {@code proxy.front}'s; what a request is forwarded to.
 */
@NullMarked
package dev.understudy.proxy.http;

import org.jspecify.annotations.NullMarked;
