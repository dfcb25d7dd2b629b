/**
 * Handover of a running process to the next one of the same replica: listening sockets and state
 * over a Unix socket, in steps of which each side knows whether the other has taken it.
 *
 * <p>Deliberately absent: the meaning of the state and of the messages to the proxy, which {@code
 * assembly} knows; Spring. Loaded only if {@code understudy.handover.socket} is set.
 */
@NullMarked
package dev.understudy.handover;

import org.jspecify.annotations.NullMarked;
