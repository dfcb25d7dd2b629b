package dev.understudy.proxy.session;

import dev.understudy.pool.PoolMaintenance;
import org.jspecify.annotations.Nullable;

/**
 * The reasons for which a request, stream or tunnel stays on its server although serving moves.
 *
 * @param preferred whether its route named the server ({@code PreferServer})
 * @param session whether its cookie named the server, so that it belongs to a session there
 * @param maintenance the one in which its client was served all the same; null if there was none
 */
public record Stickiness(
    boolean preferred, boolean session, @Nullable PoolMaintenance maintenance) {
  /** No reason to stay. */
  public static final Stickiness NONE = new Stickiness(false, false);

  /** The reasons outside of maintenance. */
  public Stickiness(boolean preferred, boolean session) {
    this(preferred, session, null);
  }
}
