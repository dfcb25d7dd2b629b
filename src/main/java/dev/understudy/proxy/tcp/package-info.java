/**
 * Relays TCP connections to the servers of TCP pools: acceptance, selection and hold, both
 * directions of the bytes, and the end when a server must be left.
 *
 * <p>Deliberately absent: Spring and Reactor; listening sockets, which belong to {@code
 * proxy.listener}; the content of the bytes, but for a PROXY protocol header, what tells a client's
 * protocol at the beginning, and the types of PostgreSQL's messages.
 */
@NullMarked
package dev.understudy.proxy.tcp;

import org.jspecify.annotations.NullMarked;
