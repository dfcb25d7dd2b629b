/**
 * PROXY protocol headers at the beginning of connections to servers, those of clients and those of
 * probes.
 *
 * <p>Deliberately absent: headers that clients send, which listeners read.
 */
@NullMarked
package dev.understudy.proxyprotocol;

import org.jspecify.annotations.NullMarked;
