package dev.understudy.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.agreement.AgreementStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** {@code GET /api/agreement}, read over a real port. */
class AgreementReadsTest {
  private static final Instant SINCE = Instant.parse("2026-01-01T12:00:00Z");
  private static AdminServer server;

  @BeforeAll
  static void start() {
    server = new AdminServer();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @BeforeEach
  void reset() {
    server.reset();
  }

  private static AgreementStatus status(boolean inTouch, Instant now) {
    return new AgreementStatus(
        "Kubernetes API at https://10.96.0.1:443, namespace shop",
        "proxy-1",
        inTouch,
        SINCE,
        inTouch ? null : "request timed out",
        List.of(
            new AgreementStatus.Voter("proxy-1", "i1", true, true, true, now, Map.of()),
            new AgreementStatus.Voter(
                "proxy-2",
                "i2",
                false,
                true,
                false,
                now.minus(Duration.ofMillis(7_000)),
                Map.of(FakeMonitor.SENSE, Map.of("sen2@1f0c5d7a90be", "REFUSED no listener")))),
        List.of(
            new AgreementStatus.Role(
                FakeMonitor.SENSE,
                "sen1",
                4,
                "CONNECTION_FAILED",
                "sen2: refused; 2 of 2 replicas: proxy-1, proxy-2",
                "proxy-2",
                SINCE,
                inTouch,
                inTouch ? null : "sen2")),
        3,
        1);
  }

  @Test
  void a_replica_that_decides_alone_is_in_touch_with_itself() {
    JsonNode document = server.json("/api/agreement");

    assertThat(document.path("mode").asString()).isEqualTo("standalone");
    assertThat(document.path("inTouch").asBoolean()).isTrue();
    assertThat(document.path("store").isNull()).isTrue();
    assertThat(document.path("replica").isNull()).isTrue();
    assertThat(document.path("voters").isArray()).isTrue();
    assertThat(document.path("voters").isEmpty()).isTrue();
    assertThat(document.path("pools").isEmpty()).isTrue();
  }

  @Test
  void all_replicas_show_each_vote_and_the_decision() {
    server.agree("kubernetes", status(true, Instant.now()));

    JsonNode document = server.json("/api/agreement");

    assertThat(document.path("mode").asString()).isEqualTo("kubernetes");
    assertThat(document.path("store").asString()).startsWith("Kubernetes API at");
    assertThat(document.path("replica").asString()).isEqualTo("proxy-1");
    assertThat(document.path("since").asString()).isEqualTo("2026-01-01T12:00:00Z");
    assertThat(document.path("why").isNull()).isTrue();
    assertThat(document.path("conflicts").asLong()).isEqualTo(3);
    assertThat(document.path("skewed").asInt()).isOne();
    JsonNode other = document.path("voters").path(1);
    assertThat(other.path("replica").asString()).isEqualTo("proxy-2");
    assertThat(other.path("counted").asBoolean(true)).isFalse();
    assertThat(other.path("synced").asBoolean()).isTrue();
    assertThat(other.path("ready").asBoolean(true)).isFalse();
    assertThat(other.path("ageSeconds").asDouble()).isGreaterThanOrEqualTo(7);
    assertThat(other.at("/votes/sense/sen2@1f0c5d7a90be").asString())
        .isEqualTo("REFUSED no listener");
    JsonNode pool = document.path("pools").path(0);
    assertThat(pool.path("pool").asString()).isEqualTo("sense");
    assertThat(pool.path("holder").asString()).isEqualTo("sen1");
    assertThat(pool.path("epoch").asLong()).isEqualTo(4);
    assertThat(pool.path("reason").asString()).isEqualTo("CONNECTION_FAILED");
    assertThat(pool.path("evidence").asString()).startsWith("sen2: refused");
    assertThat(pool.path("decidedBy").asString()).isEqualTo("proxy-2");
    assertThat(pool.path("trusted").asBoolean()).isTrue();
    assertThat(pool.path("local").isNull()).isTrue();
  }

  @Test
  void a_replica_out_of_touch_says_since_when_why_and_whom_it_chose_alone() {
    server.agree("etcd", status(false, Instant.now()));

    JsonNode document = server.json("/api/agreement");

    assertThat(document.path("inTouch").asBoolean(true)).isFalse();
    assertThat(document.path("why").asString()).isEqualTo("request timed out");
    assertThat(document.at("/pools/0/trusted").asBoolean(true)).isFalse();
    assertThat(document.at("/pools/0/local").asString()).isEqualTo("sen2");
  }

  @Test
  void pools_name_the_replica_by_which_the_others_know_it() {
    server.agree("etcd", status(true, Instant.now()));

    assertThat(server.json("/api/pools").path("replica").asString()).isEqualTo("proxy-1");
  }
}
