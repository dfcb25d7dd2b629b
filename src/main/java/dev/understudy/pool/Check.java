package dev.understudy.pool;

/** Settings of one probe. */
public sealed interface Check
    permits HttpCheck,
        TcpCheck,
        GrpcCheck,
        PostgresqlCheck,
        RedisCheck,
        MysqlCheck,
        ExtensionCheck,
        AgentCheck {
  CheckConnection connection();
}
