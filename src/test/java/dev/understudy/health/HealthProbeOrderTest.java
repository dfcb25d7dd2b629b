package dev.understudy.health;

import static dev.understudy.health.Patient.settings;
import static dev.understudy.health.ProbeOutcome.BAD_STATUS;
import static dev.understudy.health.ProbeOutcome.CONNECT_FAILED;
import static dev.understudy.health.ProbeOutcome.OK;
import static dev.understudy.health.ProbeOutcome.TIMED_OUT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.pool.CheckConnection;
import dev.understudy.pool.HealthSettings;
import dev.understudy.pool.TcpCheck;
import dev.understudy.testing.Scenario;
import dev.understudy.testing.TestSettings;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Probes that overlap, come late, are voided, or belong to an older check. */
class HealthProbeOrderTest {
  @Scenario.Each(
      """
      overlapping probes that time out in order each count
        up 3/2; start 0; start 250; start 500; end 0 1000 TIMED_OUT; end 250 1250 TIMED_OUT; is UP
        end 500 1500 TIMED_OUT; is DOWN
      a bad probe older than the newest good one is dropped
        up 1/2; start 0; start 250; end 250 260 OK; end 0 1000 TIMED_OUT; same; is UP; responded
        bad none; running 0
      a good probe older than the newest bad one is dropped
        down 3/1; start 0; start 250; end 250 260 BAD_STATUS; end 0 900 OK; same; is DOWN
      a good probe takes back only what was bad before it was asked, however late it ends
        up 3/2; start 0; start 250; start 500; end 0 1000 TIMED_OUT; end 500 1100 BAD_STATUS
        end 250 1200 OK; is UP; bad 500; start 1300; end 1300 1400 BAD_STATUS; is UP
        start 1500; end 1500 1600 BAD_STATUS; is DOWN; bad 500
      a bad probe counts however late it ends, if no good one was asked after it
        up 2/2; start 0; start 250; end 250 260 BAD_STATUS; end 0 1000 TIMED_OUT; is DOWN; bad 0
      a bad probe takes back the good ones before it alone
        down 3/2; start 0; start 250; start 500; end 500 510 OK; end 250 900 BAD_STATUS; is DOWN
        start 1000; end 1000 1010 OK; is UP
      a response that was asked for before a suspicion leaves it
        up 3/2; start 0; traffic 0 250 SILENT; end 0 300 OK; suspected; bad 250
        start 310; end 310 320 OK; trusted; bad none
      failed connections outdate no probe
        up 3/2; start 0; start 250; start 500; traffic 600 900 CONNECT_TIMED_OUT
        end 0 1000 TIMED_OUT; end 250 1250 TIMED_OUT; is DOWN
      the next probe is due whatever is in flight
        up 3/2; start 0; start 2000; next 4000
      a voided probe changes nothing and another is due soon
        up 1/2; start 0; void 0; running 0; next 250; unsettled; end 0 1000 TIMED_OUT; same; is UP
        start 1001; next 3001
      voiding a probe that has ended does nothing
        up 3/2; OK@0; settled; void 0; next 2000; settled
      an unannounced probe is dropped
        unknown 3/2; end 0 5 OK; is UNKNOWN
      a reload with the same check keeps the run
        up 3/2; BAD_STATUS@0; start 250; with 2/2; end 250 260 BAD_STATUS; is DOWN
      a reload with a lower fall than the run waits for one more bad probe, as traffic has never the last word
        up 9/2; BAD_STATUS@0; BAD_STATUS@250; with 2/2; is UP; traffic 400 400 CONNECT_FAILED; is UP
        BAD_STATUS@500; is DOWN
      a bad probe older than the newest good one is dropped after such a reload, too
        up 9/2; start 0; OK@100; BAD_STATUS@250; BAD_STATUS@500; with 2/2; end 0 600 TIMED_OUT; is UP
        BAD_STATUS@750; is DOWN
      """)
  void what_probes_do_in_any_order(Scenario scenario) {
    Patient.play(scenario);
  }

  @Test
  void probes_in_flight_are_bounded() {
    Patient patient = Patient.up(settings(3, 2));
    for (int i = 0; i < ProbeSchedule.MOST_IN_FLIGHT; i++) {
      assertThat(patient.health().probes().mayStart()).isTrue();
      patient.start(i * 250L);
      assertThat(patient.health().probes().inFlight()).hasSize(i + 1);
    }

    assertThat(patient.health().probes().mayStart()).isFalse();
    assertThatThrownBy(() -> patient.start(5_000)).isInstanceOf(IllegalStateException.class);
    assertThat(patient.end(0, 1_000, TIMED_OUT).health().probes().mayStart()).isTrue();
  }

  @Test
  void a_reload_with_another_check_keeps_the_status_and_forgets_the_run() {
    HealthSettings before = settings(2, 2);
    HealthSettings after = settings(new TcpCheck(List.of(), CheckConnection.DEFAULT), 2, 2);
    Patient patient = Patient.up(before).probe(0, CONNECT_FAILED).start(25).with(after);

    assertThat(patient.status()).isEqualTo(HealthStatus.UP);
    assertThat(patient.health().settings()).isEqualTo(after);
    assertThat(patient.health().firstBad()).isNull();
    assertThat(patient.health().probes().inFlight()).isEmpty();
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
