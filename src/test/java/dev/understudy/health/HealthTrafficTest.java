package dev.understudy.health;

import static dev.understudy.health.Patient.at;
import static dev.understudy.health.Patient.settings;
import static dev.understudy.health.ProbeOutcome.BAD_STATUS;
import static dev.understudy.health.ProbeOutcome.CONNECT_FAILED;
import static dev.understudy.health.ProbeOutcome.OK;
import static dev.understudy.health.ProbeOutcome.TIMED_OUT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.EnumSource.Mode.INCLUDE;

import dev.understudy.health.Observation.Trouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What live traffic does: bad news only, and never the last word. */
class HealthTrafficTest {
  @ParameterizedTest
  @EnumSource(value = Trouble.class, names = "CONNECT_.*", mode = EnumSource.Mode.MATCH_ALL)
  void a_failed_connection_counts_like_a_bad_probe(Trouble trouble) {
    Patient patient = Patient.up(settings(3, 2)).traffic(0, 0, trouble);

    assertThat(patient.changed()).isFalse();
    assertThat(patient.health().firstBad()).isEqualTo(at(0));
    patient.probe(0, BAD_STATUS);
    assertThat(patient.status()).isEqualTo(HealthStatus.UP);
    assertThat(patient.probe(250, BAD_STATUS).status()).isEqualTo(HealthStatus.DOWN);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7})
  void failed_connections_never_complete_fall(int fall) {
    Patient patient = Patient.up(settings(fall, 2));

    for (int i = 0; i < 100; i++) {
      patient.traffic(i * 250L, i * 250L, Trouble.CONNECT_FAILED);
      assertThat(patient.status()).isEqualTo(HealthStatus.UP);
    }

    assertThat(patient.probe(30_000, BAD_STATUS).status()).isEqualTo(HealthStatus.DOWN);
  }

  @Test
  void with_fall_one_a_failed_connection_counts_for_nothing_but_a_probe() {
    Patient patient = Patient.up(settings(1, 2)).traffic(0, 0, Trouble.CONNECT_FAILED);

    assertThat(patient.changed()).isFalse();
    assertThat(patient.health().firstBad()).isNull();
    assertThat(patient.next()).isZero();
    assertThat(patient.start(0).next()).isEqualTo(2_000);
  }

  @ParameterizedTest
  @CsvSource({"249, UP", "250, DOWN"})
  void failed_connections_count_once_per_fast_interval(long second, HealthStatus afterProbe) {
    Patient patient =
        Patient.up(settings(3, 2))
            .traffic(0, 0, Trouble.CONNECT_FAILED)
            .traffic(100, 100, Trouble.CONNECT_TIMED_OUT)
            .traffic(second, second, Trouble.CONNECT_FAILED);

    assertThat(patient.probe(300, BAD_STATUS).status()).isEqualTo(afterProbe);
  }

  @Test
  void a_failed_connection_older_than_the_newest_probe_is_dropped() {
    Patient patient = Patient.up(settings(3, 2)).start(500).end(500, 510, OK);

    patient.traffic(499, 1_499, Trouble.CONNECT_TIMED_OUT);
    assertThat(patient.changed()).isFalse();
    assertThat(patient.health().firstBad()).isNull();

    patient.traffic(500, 1_500, Trouble.CONNECT_TIMED_OUT);
    assertThat(patient.changed()).isFalse();
  }

  @Test
  void a_good_probe_ends_what_traffic_began() {
    Patient patient = Patient.up(settings(3, 2)).traffic(0, 0, Trouble.CONNECT_FAILED);

    patient.start(0).end(0, 5, OK);

    assertThat(patient.health().firstBad()).isNull();
    assertThat(patient.next()).isEqualTo(2_000);
  }

  @ParameterizedTest
  @CsvSource({"-5000, 0", "-10, 15", "-25, 0"})
  void a_refused_connection_makes_a_probe_due_a_tenth_after_the_newest(long newest, long due) {
    Patient patient = Patient.up(settings(3, 2)).probe(newest, OK);

    patient.traffic(0, 0, Trouble.CONNECT_FAILED);

    assertThat(patient.next()).isEqualTo(due);
  }

  @Test
  void a_connection_that_timed_out_is_followed_up_at_the_fast_interval() {
    Patient patient = Patient.up(settings(3, 2)).start(900).end(900, 905, OK);

    assertThat(patient.traffic(950, 1_000, Trouble.CONNECT_TIMED_OUT).next()).isEqualTo(1_150);
  }

  @Test
  void a_broken_connection_only_brings_the_next_probe_forward() {
    Patient patient = Patient.up(settings(1, 2)).probe(0, OK);

    patient.traffic(-60_000, 700, Trouble.BROKEN);

    assertThat(patient.changed()).isFalse();
    assertThat(patient.next()).isEqualTo(700);
    assertThat(patient.health().firstBad()).isNull();
    assertThat(patient.health().settled()).isFalse();
    assertThat(patient.start(700).next()).isEqualTo(2_700);
  }

  @Test
  void many_broken_connections_cost_one_probe_per_fast_interval_while_probes_are_good() {
    Patient patient = Patient.up(settings(3, 2)).probe(0, OK);

    patient.traffic(0, 3, Trouble.BROKEN).traffic(0, 4, Trouble.BROKEN);

    assertThat(patient.next()).isEqualTo(250);
  }

  @Test
  void a_broken_connection_beside_a_bad_observation_is_followed_up_at_once() {
    Patient patient = Patient.up(settings(3, 2)).probe(0, OK);

    patient.traffic(2, 2, Trouble.CONNECT_TIMED_OUT).traffic(3, 3, Trouble.BROKEN);

    assertThat(patient.next()).isEqualTo(25);
  }

  @ParameterizedTest
  @EnumSource(Trouble.class)
  void a_down_server_is_not_judged_by_traffic(Trouble trouble) {
    Patient patient = Patient.down(settings(3, 2)).probe(0, OK);

    patient.traffic(10, 10, trouble);

    assertThat(patient.changed()).isFalse();
    assertThat(patient.next()).isEqualTo(250);
    assertThat(patient.probe(250, OK).status()).as("the run goes on").isEqualTo(HealthStatus.UP);
  }

  @ParameterizedTest
  @EnumSource(Trouble.class)
  void an_unknown_server_is_not_judged_by_traffic(Trouble trouble) {
    Patient patient = Patient.unknown(settings(1, 2)).start(0).traffic(10, 10, trouble);

    assertThat(patient.changed()).isFalse();
    assertThat(patient.status()).isEqualTo(HealthStatus.UNKNOWN);
  }

  @Test
  void silence_makes_probes_come_every_fast_interval_until_one_gets_a_response() {
    Patient patient = Patient.up(settings(3, 2)).probe(-1_000, OK).traffic(0, 250, Trouble.SILENT);

    assertThat(patient.changed()).isFalse();
    assertThat(patient.health().suspected()).isTrue();
    assertThat(patient.health().firstBad()).isEqualTo(at(0));
    assertThat(patient.health().settled()).isFalse();
    assertThat(patient.next()).isEqualTo(250);
    assertThat(patient.start(250).next()).isEqualTo(500);
    assertThat(patient.start(500).next()).isEqualTo(750);

    patient.end(500, 760, OK);
    assertThat(patient.health().suspected()).isFalse();
    assertThat(patient.health().firstBad()).isNull();
    assertThat(patient.next()).isEqualTo(2_500);
  }

  @ParameterizedTest
  @EnumSource(
      value = ProbeOutcome.class,
      names = {"OK", "BAD_STATUS", "WRONG_ROLE", "BAD_BODY", "BAD_HEADER"},
      mode = INCLUDE)
  void any_response_ends_a_suspicion(ProbeOutcome outcome) {
    Patient patient = Patient.up(settings(3, 2)).traffic(0, 250, Trouble.SILENT);

    assertThat(patient.probe(250, outcome).health().suspected()).isFalse();
  }

  @ParameterizedTest
  @EnumSource(
      value = ProbeOutcome.class,
      names = {"OK", "BAD_STATUS", "WRONG_ROLE", "BAD_BODY", "BAD_HEADER"},
      mode = EnumSource.Mode.EXCLUDE)
  void no_response_keeps_a_suspicion(ProbeOutcome outcome) {
    Patient patient = Patient.up(settings(3, 2)).traffic(0, 250, Trouble.SILENT);

    assertThat(patient.probe(250, outcome).health().suspected()).isTrue();
  }

  @Test
  void slow_pages_cost_one_probe_per_interval() {
    Patient patient = Patient.up(settings(3, 2)).probe(-100, OK);
    int probes = 0;

    for (long now = 0; now < 60_000; now += 10) {
      patient.traffic(now - 250, now, Trouble.SILENT);
      if (patient.next() <= now) {
        patient.probe(now, OK);
        probes++;
      }
    }

    assertThat(probes).as("one in each of 30 intervals").isEqualTo(30);
    assertThat(patient.status()).isEqualTo(HealthStatus.UP);
  }

  @ParameterizedTest
  @CsvSource({"2249, false", "2250, true"})
  void suspicion_arises_at_most_once_per_interval(long second, boolean suspected) {
    Patient patient = Patient.up(settings(3, 2)).traffic(0, 250, Trouble.SILENT).probe(250, OK);

    patient.traffic(second - 250, second, Trouble.SILENT);

    assertThat(patient.health().suspected()).isEqualTo(suspected);
  }

  @Test
  void a_suspicion_that_lasts_is_not_raised_again() {
    Patient patient =
        Patient.up(settings(9, 2)).traffic(0, 250, Trouble.SILENT).start(250).start(2_240);

    patient.traffic(0, 2_300, Trouble.SILENT);

    assertThat(patient.changed()).isFalse();
    assertThat(patient.next()).isEqualTo(2_490);
  }

  @Test
  void a_change_ends_the_suspicion() {
    Patient patient = Patient.up(settings(1, 2)).traffic(0, 250, Trouble.SILENT);

    patient.start(250).end(250, 1_250, TIMED_OUT);

    assertThat(patient.status()).isEqualTo(HealthStatus.DOWN);
    assertThat(patient.health().suspected()).isFalse();
    assertThat(patient.health().firstBad()).as("kept for the switch").isEqualTo(at(0));
    assertThat(patient.health().settled()).isTrue();
  }

  @Test
  void traffic_alone_never_makes_a_server_down() {
    for (int fall = 1; fall <= 3; fall++) {
      Patient patient = Patient.up(settings(fall, 2));
      for (int i = 0; i < 1_000; i++) {
        for (Trouble trouble : Trouble.values()) {
          patient.traffic(i * 300L, i * 300L, trouble);
          assertThat(patient.status()).isEqualTo(HealthStatus.UP);
        }
      }
    }
  }

  @Test
  void refusals_by_probes_and_traffic_together_complete_fall() {
    Patient patient =
        Patient.up(settings(3, 2)).probe(0, CONNECT_FAILED).traffic(5, 5, Trouble.CONNECT_FAILED);

    assertThat(patient.status()).isEqualTo(HealthStatus.UP);
    assertThat(patient.probe(25, CONNECT_FAILED).status()).isEqualTo(HealthStatus.DOWN);
    assertThat(patient.health().connectionFailed()).isTrue();
  }
}
