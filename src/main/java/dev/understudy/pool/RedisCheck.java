package dev.understudy.pool;

import dev.understudy.pool.Setting.Inline;
import org.jspecify.annotations.Nullable;

/**
 * A probe that expects {@code +PONG} for {@code PING} (HAProxy {@code option redis-check}).
 *
 * @param user name for {@code AUTH}; null for the default user
 * @param password for {@code AUTH}; null for none
 * @param role {@code PRIMARY} asks {@code INFO replication}
 */
public record RedisCheck(
    @Nullable String user,
    @Nullable String password,
    DatabaseRole role,
    @Inline CheckConnection connection)
    implements Check {
  /** Without the password. */
  @Override
  public String toString() {
    return "RedisCheck[user=%s, role=%s, %s]".formatted(user, role, connection);
  }
}
