package dev.understudy.health;

import static dev.understudy.health.Patient.settings;
import static dev.understudy.health.ProbeOutcome.BAD_STATUS;
import static dev.understudy.health.ProbeOutcome.CONNECT_FAILED;
import static dev.understudy.health.ProbeOutcome.OK;
import static dev.understudy.health.ProbeOutcome.TIMED_OUT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.health.Observation.Trouble;
import dev.understudy.pool.CheckConnection;
import dev.understudy.pool.HealthSettings;
import dev.understudy.pool.TcpCheck;
import dev.understudy.testing.TestSettings;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Probes that overlap, come late, are voided, or belong to an older check. */
class HealthProbeOrderTest {
  @Test
  void overlapping_probes_that_time_out_in_order_each_count() {
    Patient patient = Patient.up(settings(3, 2)).start(0).start(250).start(500);

    patient.end(0, 1_000, TIMED_OUT).end(250, 1_250, TIMED_OUT);
    assertThat(patient.status()).isEqualTo(HealthStatus.UP);
    assertThat(patient.end(500, 1_500, TIMED_OUT).status()).isEqualTo(HealthStatus.DOWN);
  }

  @Test
  void a_bad_probe_older_than_the_newest_good_one_is_dropped() {
    Patient patient = Patient.up(settings(1, 2)).start(0).start(250);

    patient.end(250, 260, OK).end(0, 1_000, TIMED_OUT);

    assertThat(patient.changed()).isFalse();
    assertThat(patient.status()).isEqualTo(HealthStatus.UP);
    assertThat(patient.health().lastProbeHadResponse()).isTrue();
    assertThat(patient.health().firstBad()).isNull();
    assertThat(patient.health().probesInFlight()).isZero();
  }

  @Test
  void a_good_probe_older_than_the_newest_bad_one_is_dropped() {
    Patient patient = Patient.down(settings(3, 1)).start(0).start(250);

    patient.end(250, 260, BAD_STATUS).end(0, 900, OK);

    assertThat(patient.changed()).isFalse();
    assertThat(patient.status()).isEqualTo(HealthStatus.DOWN);
  }

  @Test
  void failed_connections_outdate_no_probe() {
    Patient patient = Patient.up(settings(3, 2)).start(0).start(250).start(500);

    patient.traffic(600, 900, Trouble.CONNECT_TIMED_OUT);
    patient.end(0, 1_000, TIMED_OUT).end(250, 1_250, TIMED_OUT);

    assertThat(patient.status()).isEqualTo(HealthStatus.DOWN);
  }

  @Test
  void probes_in_flight_are_bounded() {
    Patient patient = Patient.up(settings(3, 2));
    for (int i = 0; i < Health.MAX_PROBES_IN_FLIGHT; i++) {
      assertThat(patient.health().mayStartProbe()).isTrue();
      patient.start(i * 250L);
      assertThat(patient.health().probesInFlight()).isEqualTo(i + 1);
    }

    assertThat(patient.health().mayStartProbe()).isFalse();
    assertThatThrownBy(() -> patient.start(5_000)).isInstanceOf(IllegalStateException.class);
    assertThat(patient.end(0, 1_000, TIMED_OUT).health().mayStartProbe()).isTrue();
  }

  @Test
  void the_next_probe_is_due_whatever_is_in_flight() {
    Patient patient = Patient.up(settings(3, 2)).start(0).start(2_000);

    assertThat(patient.next()).isEqualTo(4_000);
  }

  @Test
  void a_voided_probe_changes_nothing_and_another_is_due_soon() {
    Patient patient = Patient.up(settings(1, 2)).start(0).voided(0);
    assertThat(patient.health().probesInFlight()).isZero();
    assertThat(patient.next()).isEqualTo(250);
    assertThat(patient.health().settled()).isFalse();

    patient.end(0, 1_000, TIMED_OUT);
    assertThat(patient.changed()).isFalse();
    assertThat(patient.status()).isEqualTo(HealthStatus.UP);

    assertThat(patient.start(1_001).next()).isEqualTo(3_001);
  }

  @Test
  void voiding_a_probe_that_has_ended_does_nothing() {
    Patient patient = Patient.up(settings(3, 2)).probe(0, OK);
    Health before = patient.health();

    patient.voided(0);

    assertThat(patient.next()).isEqualTo(2_000);
    assertThat(patient.health().settled()).isEqualTo(before.settled()).isTrue();
  }

  @Test
  void an_unannounced_probe_is_dropped() {
    Patient patient = Patient.unknown(settings(3, 2)).end(0, 5, OK);

    assertThat(patient.status()).isEqualTo(HealthStatus.UNKNOWN);
  }

  @Test
  void a_reload_with_the_same_check_keeps_the_run() {
    Patient patient = Patient.up(settings(3, 2)).probe(0, BAD_STATUS).start(250);

    patient.with(settings(2, 2)).end(250, 260, BAD_STATUS);

    assertThat(patient.status()).isEqualTo(HealthStatus.DOWN);
  }

  @Test
  void a_reload_with_a_lower_fall_than_the_run_waits_for_one_more_bad_observation() {
    Patient patient = Patient.up(settings(9, 2)).probe(0, BAD_STATUS).probe(250, BAD_STATUS);

    patient.with(settings(2, 2));
    assertThat(patient.status()).isEqualTo(HealthStatus.UP);
    patient.traffic(400, 400, Trouble.CONNECT_FAILED);
    assertThat(patient.status()).as("traffic has never the last word").isEqualTo(HealthStatus.UP);
    assertThat(patient.probe(500, BAD_STATUS).status()).isEqualTo(HealthStatus.DOWN);
  }

  @Test
  void a_reload_with_another_check_keeps_the_status_and_forgets_the_run() {
    HealthSettings before = settings(2, 2);
    HealthSettings after =
        TestSettings.health(
            new TcpCheck(List.of(), CheckConnection.DEFAULT),
            before.interval(),
            before.fastInterval(),
            before.downInterval(),
            before.timeout(),
            before.fall(),
            before.rise());
    Patient patient = Patient.up(before).probe(0, CONNECT_FAILED).start(25).with(after);

    assertThat(patient.status()).isEqualTo(HealthStatus.UP);
    assertThat(patient.health().settings()).isEqualTo(after);
    assertThat(patient.health().firstBad()).isNull();
    assertThat(patient.health().probesInFlight()).isZero();
    assertThat(patient.next()).as("at once").isEqualTo(25);

    patient.end(25, 30, BAD_STATUS);
    assertThat(patient.changed()).as("the old check's").isFalse();
    assertThat(patient.probe(40, BAD_STATUS).status()).isEqualTo(HealthStatus.UP);
    assertThat(patient.probe(300, BAD_STATUS).status()).isEqualTo(HealthStatus.DOWN);
  }

  @Test
  void new_intervals_hold_at_once() {
    HealthSettings d = HealthSettings.DEFAULT;
    Patient patient = Patient.up(d).probe(0, OK);

    patient.with(
        TestSettings.health(
            d.check(), d.fastInterval(), d.fastInterval(), d.downInterval(), d.timeout(), 3, 2));

    assertThat(patient.next()).isEqualTo(250);
  }
}
