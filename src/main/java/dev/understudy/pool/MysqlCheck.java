package dev.understudy.pool;

import dev.understudy.pool.Setting.Inline;
import org.jspecify.annotations.Nullable;

/**
 * A probe that reads the greeting of MySQL or MariaDB and, with a user, logs in (HAProxy {@code
 * option mysql-check}).
 *
 * @param user to log in, without a password; null if the greeting is enough
 * @param role {@code PRIMARY} asks {@code @@global.read_only}, which wants a user
 */
public record MysqlCheck(
    @Nullable String user, DatabaseRole role, @Inline CheckConnection connection)
    implements Check {}
