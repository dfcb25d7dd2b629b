package dev.understudy.pool;

import dev.understudy.pool.Setting.Default;
import dev.understudy.pool.Setting.Unset;
import dev.understudy.pool.Setting.Whole;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * How a probe connects (HAProxy {@code check port}, {@code check-ssl}, {@code no-check-ssl} and
 * {@code check-send-proxy}).
 *
 * @param port Port to probe; a server's {@code health-port} comes first.
 * @param tls Whether the probe uses TLS, by the pool's [{@code tls}](tls.md).
 * @param proxyProtocol Whether the probe begins with a PROXY protocol header: of the version of the
 *     pool's [{@code proxy-protocol}](#pools), else 1. Version 1 names the probe's own addresses, 2
 *     none ({@code LOCAL}).
 */
public record CheckConnection(
    @Unset("the server's own") @Whole(min = 1, max = 65_535) OptionalInt port,
    @Unset("if traffic uses it") @Nullable Boolean tls,
    @Default("false") boolean proxyProtocol) {
  /** Connects as traffic does. */
  public static final CheckConnection DEFAULT = SectionType.defaults(CheckConnection.class);
}
