package dev.understudy.pool;

import dev.understudy.pool.Setting.Inline;
import org.jspecify.annotations.Nullable;

/**
 * One address of the application.
 *
 * @param resolved the IP literal that stands for the address's host, of a server that was {@link
 *     ServerTemplate discovered}; null if the host itself is to be resolved
 */
public record Server(
    ServerId id,
    ServerAddress address,
    @Nullable String resolved,
    @Inline ServerSettings settings) {
  public Rank rank() {
    return settings.rank();
  }

  /** The same, to be probed where its clients connect. */
  public Server probedAtItsOwnPort() {
    return new Server(id, address, resolved, settings.probedAtItsOwnPort());
  }

  /** The name or the IP literal to connect to. */
  public String host() {
    return resolved == null ? address.host() : resolved;
  }
}
