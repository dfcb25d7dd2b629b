package dev.understudy.pool;

import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * A probe that reads the greeting of MySQL or MariaDB and, with a user, logs in (HAProxy {@code
 * option mysql-check}).
 *
 * @param user to log in, without a password; null if the greeting is enough
 * @param role {@code PRIMARY} asks {@code @@global.read_only}, which wants a user
 */
public record MysqlCheck(
    OptionalInt port,
    @Nullable String user,
    DatabaseRole role,
    @Nullable Boolean tls,
    boolean proxyProtocol)
    implements Check {}
