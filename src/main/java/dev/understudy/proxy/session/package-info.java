/**
 * Sticky sessions: how a request shows its session, by a keyed cookie, the application's own or the
 * client's address, and how long a session stays on its server.
 *
 * <p>Deliberately absent: the selection of a server, which belongs to {@code proxy}.
 */
@NullMarked
package dev.understudy.proxy.session;

import org.jspecify.annotations.NullMarked;
