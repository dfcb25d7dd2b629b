package dev.understudy.pool;

import dev.understudy.pool.Setting.Inline;
import org.jspecify.annotations.Nullable;

/**
 * A probe that reads the greeting of MySQL or MariaDB and, with a user, logs in (HAProxy {@code
 * option mysql-check}).
 *
 * @param user to log in; null if the greeting is enough
 * @param password of the user; null for none
 * @param role {@code PRIMARY} asks {@code @@global.read_only}, a state of Galera its variables too;
 *     both want a user
 * @param connection its TLS, if the check itself wants it, by MySQL's own negotiation
 */
public record MysqlCheck(
    @Nullable String user,
    @Nullable String password,
    DatabaseRole role,
    @Inline CheckConnection connection)
    implements Check {
  /** Without the password. */
  @Override
  public String toString() {
    return "MysqlCheck[user=%s, role=%s, %s]".formatted(user, role, connection);
  }
}
