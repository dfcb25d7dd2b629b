/**
 * Sticky sessions: the keyed cookie, and how long a session stays on its server.
 *
 * <p>Deliberately absent: the selection of a server, which belongs to {@code proxy}.
 */
@NullMarked
package dev.understudy.proxy.session;

import org.jspecify.annotations.NullMarked;
