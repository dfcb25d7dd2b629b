package dev.understudy.pool;

import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * A probe that expects {@code +PONG} for {@code PING} (HAProxy {@code option redis-check}).
 *
 * @param user name for {@code AUTH}; null for the default user
 * @param password for {@code AUTH}; null for none
 * @param role {@code PRIMARY} asks {@code INFO replication}
 */
public record RedisCheck(
    OptionalInt port,
    @Nullable String user,
    @Nullable String password,
    DatabaseRole role,
    @Nullable Boolean tls,
    boolean proxyProtocol)
    implements Check {
  /** Without the password. */
  @Override
  public String toString() {
    return "RedisCheck[port=%s, user=%s, role=%s, tls=%s]".formatted(port, user, role, tls);
  }
}
