package dev.understudy.health;

import static dev.understudy.health.Patient.at;
import static dev.understudy.health.Patient.settings;
import static dev.understudy.health.ProbeOutcome.BAD_STATUS;
import static dev.understudy.health.ProbeOutcome.CONNECT_FAILED;
import static dev.understudy.health.ProbeOutcome.OK;
import static dev.understudy.health.ProbeOutcome.UNREACHABLE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Scenario;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What probes alone do: the rows of the table in {@link Health}. */
class HealthTest {
  static Stream<ProbeOutcome> bad() {
    return observations().filter(outcome -> outcome != OK);
  }

  static Stream<ProbeOutcome> observations() {
    return Stream.of(ProbeOutcome.values()).filter(outcome -> !noObservations().contains(outcome));
  }

  static List<ProbeOutcome> noObservations() {
    return List.of(ProbeOutcome.VOIDED, ProbeOutcome.LOCAL_FAILURE);
  }

  @Scenario.Each(
      """
      a new server is unknown, and its first probe is due at once
        unknown 3/2; is UNKNOWN; since -10000; next -10000; silent; connection made; bad none
        running 0; unsettled
      the first good probe alone makes a server up whatever rise is
        unknown 3/9; start 0; end 0 10 OK; changed; is UP; since 10; says first probe was good; next 2000
      while unknown, probes do not wait for one another
        unknown 3/2; start 0; next 250
      one good probe ends a run of bad ones
        up 3/2; BAD_STATUS@0; BAD_STATUS@250; OK@500; same; bad none; next 2500
        BAD_STATUS@2500; BAD_STATUS@2750; is UP; bad 2500
      one bad probe ends a run of good ones
        down 3/2; OK@0; BAD_STATUS@250; same; next 1250; OK@1250; is DOWN; OK@1500; is UP
      while nothing changes, probes of an up server come at its interval
        up 3/2; start 0; end 0 40 OK; same; next 2000; settled
      while nothing changes, probes of a down server come at its interval
        down 3/2; start 0; end 0 40 BAD_STATUS; same; next 1000; settled
      one good probe among those that were broken off ends the haste
        up 3/2; BROKEN@0; BROKEN@25; OK@50; next 2050; BROKEN@2050; BROKEN@2075; is UP
      """)
  void what_probes_do(Scenario scenario) {
    Patient.play(scenario);
  }

  @ParameterizedTest
  @MethodSource("bad")
  void first_bad_probe_alone_makes_a_server_down_whatever_fall_is(ProbeOutcome outcome) {
    Patient patient = Patient.unknown(settings(9, 2)).start(0).end(0, 10, outcome);

    assertThat(patient.changed()).isTrue();
    assertThat(patient.status()).isEqualTo(HealthStatus.DOWN);
    assertThat(patient.health().statusSince()).isEqualTo(at(10));
    assertThat(patient.health().evidence()).isEqualTo("first probe: " + outcome);
    assertThat(patient.health().firstBad()).isEqualTo(at(0));
    assertThat(patient.health().connectionFailed())
        .isEqualTo(outcome == CONNECT_FAILED || outcome == UNREACHABLE);
    assertThat(patient.next()).isEqualTo(1_000);
  }

  @ParameterizedTest
  @CsvSource({"UP, 1", "UP, 2", "UP, 3", "UP, 7", "DOWN, 1", "DOWN, 2", "DOWN, 3", "DOWN, 7"})
  void a_status_changes_at_the_fall_th_bad_or_rise_th_good_probe_and_not_one_before(
      HealthStatus before, int count) {
    boolean falls = before == HealthStatus.UP;
    Patient patient = falls ? Patient.up(settings(count, 2)) : Patient.down(settings(3, count));
    ProbeOutcome outcome = falls ? BAD_STATUS : OK;

    for (int i = 1; i < count; i++) {
      patient.probe(i * 1_000L, outcome);
      assertThat(patient.changed()).isFalse();
      assertThat(patient.status()).isEqualTo(before);
      assertThat(patient.next()).isEqualTo(i * 1_000L + 250);
      assertThat(patient.health().settled()).isFalse();
      if (falls) {
        assertThat(patient.health().firstBad()).isEqualTo(at(1_000));
      }
    }
    patient.probe(count * 1_000L, outcome);

    assertThat(patient.changed()).isTrue();
    assertThat(patient.status()).isEqualTo(falls ? HealthStatus.DOWN : HealthStatus.UP);
    assertThat(patient.health().statusSince()).isEqualTo(at(count * 1_000L));
    assertThat(patient.health().firstBad()).isEqualTo(falls ? at(1_000) : null);
    assertThat(patient.health().connectionFailed()).isFalse();
    assertThat(patient.health().settled()).isTrue();
    assertThat(patient.next()).isEqualTo(count * 1_000L + (falls ? 1_000 : 2_000));
    if (falls) {
      assertThat(patient.health().evidence())
          .startsWith(String.valueOf(count))
          .endsWith("last: BAD_STATUS");
    }
  }

  @ParameterizedTest
  @MethodSource("noObservations")
  void a_probe_that_is_no_observation_says_nothing_and_is_made_up_for_soon(ProbeOutcome outcome) {
    Patient patient = Patient.unknown(settings(1, 1)).start(0).end(0, 900, outcome);

    assertThat(patient.status()).isEqualTo(HealthStatus.UNKNOWN);
    assertThat(patient.changed()).isFalse();
    assertThat(patient.health().probes().inFlight()).isEmpty();
    assertThat(patient.next()).as("now").isEqualTo(900);

    patient.start(900).end(900, 901, outcome);
    assertThat(patient.next())
        .as("not at once, or a lack of means would be a loop")
        .isEqualTo(1_150);
  }

  @ParameterizedTest
  @MethodSource("noObservations")
  void no_number_of_such_probes_makes_a_server_down_or_ends_a_run(ProbeOutcome outcome) {
    Patient patient = Patient.up(settings(2, 1)).probe(0, BAD_STATUS);
    for (int i = 1; i <= 20; i++) {
      patient.probe(i * 1_000L, outcome);
    }
    assertThat(patient.status()).isEqualTo(HealthStatus.UP);
    assertThat(patient.health().firstBad()).isEqualTo(at(0));

    patient.probe(21_000, BAD_STATUS);
    assertThat(patient.status()).isEqualTo(HealthStatus.DOWN);
  }

  @ParameterizedTest
  @MethodSource("observations")
  void last_probe_answered_is_the_result_of_the_newest_probe(ProbeOutcome outcome) {
    Patient patient = Patient.up(settings(3, 2)).probe(0, outcome);

    assertThat(patient.health().lastProbeHadResponse()).isEqualTo(outcome.hasResponse());
  }

  @ParameterizedTest
  @MethodSource("bad")
  void the_probe_that_decides_says_whether_connections_fail(ProbeOutcome outcome) {
    Patient patient =
        Patient.up(settings(3, 2))
            .probe(0, CONNECT_FAILED)
            .probe(1_000, CONNECT_FAILED)
            .probe(2_000, outcome);

    assertThat(patient.health().connectionFailed())
        .isEqualTo(outcome == CONNECT_FAILED || outcome == UNREACHABLE);

    patient.probe(3_000, BAD_STATUS).probe(4_000, CONNECT_FAILED);
    assertThat(patient.health().connectionFailed())
        .isEqualTo(outcome == CONNECT_FAILED || outcome == UNREACHABLE);
  }

  @ParameterizedTest
  @CsvSource({
    // outcome of a probe of 1 ms, then of one of 65 ms → when the next is due after each
    "CONNECT_FAILED, 25,  90",
    "BROKEN,         25,  90",
    "TLS_FAILED,     25,  90",
    "BAD_STATUS,     250, 275",
    "BAD_BODY,       250, 275",
    "BAD_HEADER,     250, 275",
    "BAD_RESPONSE,     250, 275",
    "TIMED_OUT,      250, 275",
    "UNRESOLVED,     250, 275",
  })
  void a_probe_that_was_refused_or_broken_off_is_tried_again_after_a_tenth_of_the_fast_interval(
      ProbeOutcome outcome, long first, long second) {
    Patient patient = Patient.up(settings(4, 2)).start(0).end(0, 1, outcome);
    assertThat(patient.next()).isEqualTo(first);

    patient.start(25).end(25, 90, outcome);
    assertThat(patient.next()).as("at once, when that has passed").isEqualTo(second);

    patient.start(90);
    assertThat(patient.next()).as("one try for each of them").isEqualTo(340);
  }

  @ParameterizedTest
  @MethodSource("bad")
  void a_down_server_is_not_hurried(ProbeOutcome outcome) {
    assertThat(Patient.down(settings(3, 2)).probe(0, outcome).next()).isEqualTo(1_000);
    assertThat(Patient.down(settings(3, 2)).probe(0, OK).probe(250, outcome).next())
        .isEqualTo(1_250);
  }
}
