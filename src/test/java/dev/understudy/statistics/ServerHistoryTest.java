package dev.understudy.statistics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.health.HealthStatus;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Downtime and failed checks of one server. */
class ServerHistoryTest {
  private static final Instant START = Instant.parse("2026-11-21T18:00:00Z");

  private final ServerHistory history = new ServerHistory();

  private static Instant at(long seconds) {
    return START.plusSeconds(seconds);
  }

  private Duration downtime(long seconds) {
    return history.summary(at(seconds)).downtime();
  }

  @Test
  void a_present_outage_counts_until_now() {
    history.health(HealthStatus.DOWN, at(10));
    assertThat(downtime(25)).isEqualTo(Duration.ofSeconds(15));
    assertThat(downtime(29)).isEqualTo(Duration.ofSeconds(15));
    assertThat(downtime(30)).isEqualTo(Duration.ofSeconds(20));
  }

  @Test
  void outages_add_up() {
    history.health(HealthStatus.UP, at(0));
    history.health(HealthStatus.DOWN, at(10));
    history.health(HealthStatus.UP, at(12));
    history.health(HealthStatus.DOWN, at(20));
    history.health(HealthStatus.UP, at(25));
    assertThat(downtime(100)).isEqualTo(Duration.ofSeconds(7));
  }

  @Test
  void a_report_that_repeats_changes_nothing() {
    history.health(HealthStatus.DOWN, at(10));
    history.health(HealthStatus.DOWN, at(10));
    history.health(HealthStatus.UP, at(12));
    history.health(HealthStatus.UP, at(12));
    assertThat(downtime(100)).isEqualTo(Duration.ofSeconds(2));
  }

  @Test
  void an_outdated_report_is_ignored() {
    history.health(HealthStatus.DOWN, at(10));
    history.health(HealthStatus.UP, at(12));
    history.health(HealthStatus.DOWN, at(10));
    assertThat(downtime(100)).isEqualTo(Duration.ofSeconds(2));
  }

  @Test
  void a_server_that_becomes_another_ends_its_outage() {
    history.health(HealthStatus.DOWN, at(10));
    history.health(HealthStatus.UNKNOWN, at(13));
    assertThat(downtime(100)).isEqualTo(Duration.ofSeconds(3));
  }

  @Test
  void a_summary_from_before_the_outage_has_none() {
    history.health(HealthStatus.DOWN, at(10));
    assertThat(downtime(5)).isEqualTo(Duration.ZERO);
  }

  @Test
  void failed_checks_are_counted() {
    history.checkFailed();
    history.checkFailed();
    assertThat(history.summary(START).checksFailed()).isEqualTo(2);
  }
}
