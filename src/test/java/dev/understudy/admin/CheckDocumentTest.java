package dev.understudy.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.Check;
import dev.understudy.pool.CheckConnection;
import dev.understudy.pool.DatabaseRole;
import dev.understudy.pool.Expectation;
import dev.understudy.pool.ExpectedHeader;
import dev.understudy.pool.ExtensionCheck;
import dev.understudy.pool.GrpcCheck;
import dev.understudy.pool.HealthSettings;
import dev.understudy.pool.HttpCheck;
import dev.understudy.pool.MysqlCheck;
import dev.understudy.pool.Octets;
import dev.understudy.pool.PostgresqlCheck;
import dev.understudy.pool.Rank;
import dev.understudy.pool.RedisCheck;
import dev.understudy.pool.ServerSettings;
import dev.understudy.pool.StatusSet;
import dev.understudy.pool.TcpCheck;
import dev.understudy.pool.TcpStep;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What operators read of a check, without what may be a secret. */
class CheckDocumentTest {
  private static final ServerSettings OWN =
      new ServerSettings(Rank.MASTER, OptionalInt.empty(), 1, OptionalInt.empty(), null, null);

  private static Check http(String path, Expectation expect) {
    return new HttpCheck("HEAD", path, null, List.of(), expect, null, CheckConnection.DEFAULT);
  }

  private static CheckDocument document(Check check, ServerSettings server) {
    HealthSettings health =
        new HealthSettings(
            check,
            Duration.ofSeconds(5),
            Duration.ofMillis(100),
            Duration.ofSeconds(2),
            Duration.ofSeconds(1),
            4,
            1,
            null);
    return CheckDocument.of(health, server);
  }

  static Stream<Arguments> checks() {
    CheckConnection connection = CheckConnection.DEFAULT;
    Expectation body =
        new Expectation(
            StatusSet.parse("200"), "hunter2", null, new ExpectedHeader("X-Up", "hunter2"));
    return Stream.of(
        Arguments.of(HttpCheck.DEFAULT, "GET /status", "status 200-399"),
        Arguments.of(http("/up?key=hunter2", Expectation.DEFAULT), "HEAD ***", "status 200-399"),
        Arguments.of(http("/up", body), "HEAD /up", "status 200, a text in the body, header X-Up"),
        Arguments.of(new TcpCheck(List.of(), connection), "connects", "a connection"),
        Arguments.of(
            new TcpCheck(List.of(new TcpStep.Send(Octets.ofText("hunter2"))), connection),
            "connects, sends and reads bytes",
            "the bytes of its steps"),
        Arguments.of(
            new GrpcCheck("shop", null, connection),
            "grpc.health.v1.Health/Check of shop",
            "SERVING"),
        Arguments.of(
            new PostgresqlCheck("u", "hunter2", null, DatabaseRole.PRIMARY, connection),
            "a session of PostgreSQL",
            "a primary"),
        Arguments.of(
            new MysqlCheck("u", null, DatabaseRole.SYNCED, connection),
            "a session of MySQL",
            "a synced node of Galera"),
        Arguments.of(
            new MysqlCheck("u", null, DatabaseRole.SYNCED_OR_DONOR, connection),
            "a session of MySQL",
            "a synced node of Galera, or a donor"),
        Arguments.of(
            new MysqlCheck(null, null, DatabaseRole.ANY, connection),
            "the greeting of MySQL",
            "a response"),
        Arguments.of(
            new RedisCheck("u", "hunter2", DatabaseRole.ANY, connection),
            "PING of Redis",
            "a response"),
        Arguments.of(
            new ExtensionCheck("Orders", Map.of("key", "hunter2"), connection),
            "the extension Orders",
            "its word"));
  }

  @ParameterizedTest
  @MethodSource("checks")
  void a_check_is_told_in_words_without_secrets(Check check, String request, String expect) {
    CheckDocument document = document(check, OWN);

    assertThat(document.request()).isEqualTo(request);
    assertThat(document.expect()).isEqualTo(expect);
    assertThat(document.toString()).doesNotContain("hunter2");
    assertThat(document.fall()).isEqualTo(4);
    assertThat(document.rise()).isEqualTo(1);
  }

  @Test
  void the_port_of_a_server_comes_before_that_of_all() {
    Check check = new TcpCheck(List.of(), new CheckConnection(OptionalInt.of(8008), null, false));
    ServerSettings other =
        new ServerSettings(
            Rank.MASTER, OptionalInt.empty(), 1, OptionalInt.of(8009), "probe.example", null);

    assertThat(document(check, OWN).port()).hasValue(8008);
    assertThat(document(check, other).port()).hasValue(8009);
    assertThat(document(check, other).host()).isEqualTo("probe.example");
    assertThat(document(HttpCheck.DEFAULT, OWN).port()).isEmpty();
  }
}
