package dev.understudy.pool;

import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** Settings of one probe. */
public sealed interface Check
    permits HttpCheck, TcpCheck, GrpcCheck, PostgresqlCheck, RedisCheck, MysqlCheck, AgentCheck {
  /** The port to probe; empty for the server's own. */
  OptionalInt port();

  /**
   * Whether the probe's connection uses TLS (HAProxy {@code check-ssl}, {@code no-check-ssl}); null
   * if it does so exactly when traffic does.
   */
  @Nullable Boolean tls();

  /** Whether the probe begins with a PROXY protocol header (HAProxy {@code check-send-proxy}). */
  boolean proxyProtocol();
}
