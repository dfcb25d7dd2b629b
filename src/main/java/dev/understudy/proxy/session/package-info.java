/**
 * Sticky sessions: the keyed cookie, and how long a session stays on its server.
 *
 * <p>Deliberately absent: the choice of a server, which is {@code proxy}'s.
 */
@NullMarked
package dev.understudy.proxy.session;

import org.jspecify.annotations.NullMarked;
