package dev.understudy.pool;

import dev.understudy.pool.Setting.Inline;
import org.jspecify.annotations.Nullable;

/**
 * A probe that begins a session of PostgreSQL (HAProxy {@code option pgsql-check}): the server is
 * good if it lets the user in, or asks for a password.
 *
 * @param user sent with the start of the session
 * @param database null for the one of the user's name
 * @param role {@code PRIMARY} asks {@code pg_is_in_recovery()}, for which the server must let the
 *     user in without a password
 * @param connection its TLS also by PostgreSQL's own negotiation, as its clients do ({@code
 *     SSLRequest})
 */
public record PostgresqlCheck(
    String user, @Nullable String database, DatabaseRole role, @Inline CheckConnection connection)
    implements Check {}
