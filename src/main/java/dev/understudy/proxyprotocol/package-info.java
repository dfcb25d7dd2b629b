/**
 * PROXY protocol headers at the beginning of connections: those that clients' connections bring,
 * and those that servers get for clients and for probes.
 *
 * <p>Deliberately absent: which connections begin so, and what becomes of a client's address.
 */
@NullMarked
package dev.understudy.proxyprotocol;

import org.jspecify.annotations.NullMarked;
