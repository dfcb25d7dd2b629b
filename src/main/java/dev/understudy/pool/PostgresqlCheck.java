package dev.understudy.pool;

import dev.understudy.pool.Setting.Inline;
import org.jspecify.annotations.Nullable;

/**
 * A probe that begins a session of PostgreSQL (HAProxy {@code option pgsql-check}): the server is
 * good if it lets the user in, or asks for a password that the check has not.
 *
 * @param user sent with the start of the session
 * @param password of the user; null for none
 * @param database null for the one of the user's name
 * @param role {@code PRIMARY} asks {@code pg_is_in_recovery()}, for which the server must let the
 *     user in
 * @param connection its TLS also by PostgreSQL's own negotiation, as its clients do ({@code
 *     SSLRequest})
 */
public record PostgresqlCheck(
    String user,
    @Nullable String password,
    @Nullable String database,
    DatabaseRole role,
    @Inline CheckConnection connection)
    implements Check {
  /** Without the password. */
  @Override
  public String toString() {
    return "PostgresqlCheck[user=%s, database=%s, role=%s, %s]"
        .formatted(user, database, role, connection);
  }
}
