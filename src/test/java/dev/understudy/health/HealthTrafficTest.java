package dev.understudy.health;

import static dev.understudy.health.Patient.at;
import static dev.understudy.health.Patient.settings;
import static dev.understudy.health.ProbeOutcome.BAD_BODY;
import static dev.understudy.health.ProbeOutcome.BAD_HEADER;
import static dev.understudy.health.ProbeOutcome.BAD_STATUS;
import static dev.understudy.health.ProbeOutcome.OK;
import static dev.understudy.health.ProbeOutcome.WRONG_ROLE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.health.Observation.Trouble;
import dev.understudy.testing.Scenario;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What live traffic does: bad news only, and never the last word. */
class HealthTrafficTest {
  @Scenario.Each(
      """
      with fall one a failed connection counts for nothing but a probe
        up 1/2; traffic 0 0 CONNECT_FAILED; same; bad none; next 0; start 0; next 2000
      a failed connection does not count within the fast interval of another
        up 3/2; traffic 0 0 CONNECT_FAILED; traffic 100 100 CONNECT_TIMED_OUT
        traffic 249 249 CONNECT_FAILED; BAD_STATUS@300; is UP
      a failed connection counts after the fast interval of another
        up 3/2; traffic 0 0 CONNECT_FAILED; traffic 100 100 CONNECT_TIMED_OUT
        traffic 250 250 CONNECT_FAILED; BAD_STATUS@300; is DOWN
      a failed connection older than the newest probe is dropped
        up 3/2; start 500; end 500 510 OK; traffic 499 1499 CONNECT_TIMED_OUT; same; bad none
        traffic 500 1500 CONNECT_TIMED_OUT; same
      a good probe ends what traffic began
        up 3/2; traffic 0 0 CONNECT_FAILED; start 0; end 0 5 OK; bad none; next 2000
      a refused connection makes a probe due at once
        up 3/2; OK@-5000; traffic 0 0 CONNECT_FAILED; next 0
      a refused connection makes a probe due a tenth after the newest
        up 3/2; OK@-10; traffic 0 0 CONNECT_FAILED; next 15
      a refused connection makes a probe due at once when that tenth has passed
        up 3/2; OK@-25; traffic 0 0 CONNECT_FAILED; next 0
      a server refuses clients from a failed connection until a later probe finds it UP
        up 3/2; welcomes; traffic 0 0 CONNECT_FAILED; refuses; OK@5; welcomes
      a good probe that began before the failed connection shows nothing of it
        up 3/2; start 3; traffic 3 3 CONNECT_TIMED_OUT; end 3 5 OK; refuses; OK@25; welcomes
      a server that is DOWN refuses clients until its probes have made it UP
        up 1/2; traffic 0 0 CONNECT_FAILED; CONNECT_FAILED@5; is DOWN; refuses; OK@100; refuses
        OK@200; is UP; welcomes
      a connection that timed out is followed up at the fast interval
        up 3/2; start 900; end 900 905 OK; traffic 950 1000 CONNECT_TIMED_OUT; next 1150
      a broken connection only brings the next probe forward
        up 1/2; OK@0; traffic -60000 700 BROKEN; same; next 700; bad none; unsettled; start 700
        next 2700
      many broken connections cost one probe per fast interval while probes are good
        up 3/2; OK@0; traffic 0 3 BROKEN; traffic 0 4 BROKEN; next 250
      a broken connection beside a bad observation is followed up at once
        up 3/2; OK@0; traffic 2 2 CONNECT_TIMED_OUT; traffic 3 3 BROKEN; next 25
      silence makes probes come every fast interval until one gets a response
        up 3/2; OK@-1000; traffic 0 250 SILENT; same; suspected; bad 0; unsettled; next 250
        start 250; next 500; start 500; next 750; end 500 760 OK; trusted; bad none; next 2500
      suspicion arises at most once per interval
        up 3/2; traffic 0 250 SILENT; OK@250; traffic 1999 2249 SILENT; trusted
      suspicion arises again after an interval
        up 3/2; traffic 0 250 SILENT; OK@250; traffic 2000 2250 SILENT; suspected
      a suspicion that lasts is not raised again
        up 9/2; traffic 0 250 SILENT; start 250; start 2240; traffic 0 2300 SILENT; same; next 2490
      a change ends the suspicion, and its first bad observation is kept for the switch
        up 1/2; traffic 0 250 SILENT; start 250; end 250 1250 TIMED_OUT; is DOWN; trusted; bad 0
        settled
      refusals by probes and traffic together complete fall
        up 3/2; CONNECT_FAILED@0; traffic 5 5 CONNECT_FAILED; is UP; CONNECT_FAILED@25; is DOWN
        connection failed
      """)
  void what_traffic_does(Scenario scenario) {
    Patient.play(scenario);
  }

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
  void no_traffic_completes_fall(int fall) {
    Patient patient = Patient.up(settings(fall, 2));

    for (int i = 0; i < 100; i++) {
      for (Trouble trouble : Trouble.values()) {
        patient.traffic(i * 250L, i * 250L, trouble);
        assertThat(patient.status()).isEqualTo(HealthStatus.UP);
      }
    }

    assertThat(patient.probe(30_000, BAD_STATUS).status()).isEqualTo(HealthStatus.DOWN);
  }

  @ParameterizedTest
  @EnumSource(Trouble.class)
  void a_down_or_an_unknown_server_is_not_judged_by_traffic(Trouble trouble) {
    Patient patient = Patient.down(settings(3, 2)).probe(0, OK);

    patient.traffic(10, 10, trouble);

    assertThat(patient.changed()).isFalse();
    assertThat(patient.next()).isEqualTo(250);
    assertThat(patient.probe(250, OK).status()).as("the run goes on").isEqualTo(HealthStatus.UP);

    Patient unknown = Patient.unknown(settings(1, 2)).start(0).traffic(10, 10, trouble);
    assertThat(unknown.changed()).isFalse();
    assertThat(unknown.status()).isEqualTo(HealthStatus.UNKNOWN);
  }

  @ParameterizedTest
  @EnumSource
  void any_response_ends_a_suspicion_and_nothing_else_does(ProbeOutcome outcome) {
    Set<ProbeOutcome> responses = EnumSet.of(OK, BAD_STATUS, WRONG_ROLE, BAD_BODY, BAD_HEADER);
    Patient patient = Patient.up(settings(3, 2)).traffic(0, 250, Trouble.SILENT);

    assertThat(patient.probe(250, outcome).health().suspected())
        .isEqualTo(!responses.contains(outcome));
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
}
