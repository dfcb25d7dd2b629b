package dev.understudy.admin;

import dev.understudy.pool.AgentCheck;
import dev.understudy.pool.Check;
import dev.understudy.pool.DatabaseRole;
import dev.understudy.pool.Disclosure;
import dev.understudy.pool.Expectation;
import dev.understudy.pool.ExtensionCheck;
import dev.understudy.pool.GrpcCheck;
import dev.understudy.pool.HealthSettings;
import dev.understudy.pool.HttpCheck;
import dev.understudy.pool.MysqlCheck;
import dev.understudy.pool.PostgresqlCheck;
import dev.understudy.pool.RedisCheck;
import dev.understudy.pool.ServerSettings;
import dev.understudy.pool.TcpCheck;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The JSON form of the check of a server, without what {@link Disclosure} hides.
 *
 * @param request what the check does, such as {@code GET /status}
 * @param expect what a good response is, such as {@code status 200-399}
 * @param host the host that it connects to; null for the server's own
 * @param port the port that it connects to; null for the server's own
 * @param intervalMillis between checks while nothing is changing
 * @param fastIntervalMillis between checks while a change is pending
 * @param downIntervalMillis between checks of a server that is DOWN
 * @param fall bad observations in a row that make the server DOWN
 * @param rise good checks in a row that make it UP
 */
record CheckDocument(
    String request,
    String expect,
    @Nullable String host,
    OptionalInt port,
    Duration intervalMillis,
    Duration fastIntervalMillis,
    Duration downIntervalMillis,
    Duration timeoutMillis,
    int fall,
    int rise) {

  static CheckDocument of(HealthSettings health, ServerSettings server) {
    Check check = health.check();
    return new CheckDocument(
        request(check),
        expect(check),
        server.healthHost(),
        server.healthPort().isPresent() ? server.healthPort() : check.connection().port(),
        health.interval(),
        health.fastInterval(),
        health.downInterval(),
        health.timeout(),
        health.fall(),
        health.rise());
  }

  private static String request(Check check) {
    return switch (check) {
      case HttpCheck http -> http.method() + " " + shown("path", http.path());
      case TcpCheck tcp -> tcp.steps().isEmpty() ? "connects" : "connects, sends and reads bytes";
      case GrpcCheck grpc ->
          "grpc.health.v1.Health/Check" + (grpc.service() == null ? "" : " of " + grpc.service());
      case PostgresqlCheck postgresql -> "a session of PostgreSQL";
      case MysqlCheck mysql ->
          mysql.user() == null ? "the greeting of MySQL" : "a session of MySQL";
      case RedisCheck redis -> "PING of Redis";
      case ExtensionCheck extension -> "the extension " + extension.name();
      case AgentCheck agent -> "an agent";
    };
  }

  private static String expect(Check check) {
    return switch (check) {
      case HttpCheck http -> expect(http.expect());
      case TcpCheck tcp -> tcp.steps().isEmpty() ? "a connection" : "the bytes of its steps";
      case GrpcCheck grpc -> "SERVING";
      case PostgresqlCheck postgresql -> expect(postgresql.role());
      case MysqlCheck mysql -> expect(mysql.role());
      case RedisCheck redis -> expect(redis.role());
      case ExtensionCheck extension -> "its word";
      case AgentCheck agent -> "its word";
    };
  }

  private static String expect(DatabaseRole role) {
    return switch (role) {
      case ANY -> "a response";
      case PRIMARY -> "a primary";
      case SYNCED -> "a synced node of Galera";
      case SYNCED_OR_DONOR -> "a synced node of Galera, or a donor";
    };
  }

  /** Texts of bodies and headers are not shown: each may be a secret. */
  private static String expect(Expectation expected) {
    List<String> parts = new ArrayList<>();
    parts.add("status " + expected.status());
    if (expected.body() != null || expected.bodyRegex() != null) {
      parts.add("a text in the body");
    }
    if (expected.header() != null) {
      parts.add("header " + expected.header().name());
    }
    if (!expected.rules().isEmpty()) {
      parts.add(
          expected.rules().size() == 1
              ? "a further condition"
              : expected.rules().size() + " further conditions");
    }
    return String.join(", ", parts);
  }

  private static String shown(String setting, String text) {
    return Disclosure.isOpen(setting, text) ? text : Disclosure.MASK;
  }
}
