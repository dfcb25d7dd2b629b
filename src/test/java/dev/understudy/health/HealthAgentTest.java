package dev.understudy.health;

import static dev.understudy.health.ProbeOutcome.BAD_STATUS;
import static dev.understudy.health.ProbeOutcome.OK;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.AgentCheck;
import dev.understudy.pool.HealthSettings;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** An agent's word beside the probes. Intervals are 2 s, fast 250 ms and 1 s while DOWN. */
class HealthAgentTest {
  private static final HealthSettings SETTINGS = Patient.settings(3, 2);

  @Test
  void a_bad_word_makes_an_up_server_down_at_once() {
    Patient patient = Patient.up(SETTINGS).agent(0, false);
    assertThat(patient.status()).isEqualTo(HealthStatus.DOWN);
    assertThat(patient.changed()).isTrue();
    assertThat(patient.health().evidence()).isEqualTo("its agent says: down");
    assertThat(patient.health().connectionFailed()).isFalse();
    assertThat(patient.health().firstBad()).isEqualTo(Patient.at(0));
  }

  @Test
  void good_probes_do_not_bring_it_back_and_are_not_hurried() {
    Patient patient = Patient.up(SETTINGS).agent(0, false).probe(1000, OK).probe(2000, OK);
    assertThat(patient.status()).isEqualTo(HealthStatus.DOWN);
    assertThat(patient.next()).isEqualTo(3000);
  }

  @Test
  void a_good_word_brings_it_back_at_once_if_its_probes_were_good() {
    Patient patient = Patient.up(SETTINGS).agent(0, false).agent(10, true);
    assertThat(patient.status()).isEqualTo(HealthStatus.UP);
    assertThat(patient.health().evidence()).isEqualTo("its agent says: up");
    assertThat(patient.health().firstBad()).isNull();
  }

  @Test
  void after_a_bad_probe_it_wants_good_ones_too() {
    Patient patient =
        Patient.up(SETTINGS).agent(0, false).probe(1000, BAD_STATUS).agent(1010, true);
    assertThat(patient.status()).isEqualTo(HealthStatus.DOWN);
    assertThat(patient.probe(2000, OK).status()).isEqualTo(HealthStatus.DOWN);
    assertThat(patient.probe(2250, OK).status()).isEqualTo(HealthStatus.UP);
  }

  @Test
  void good_probes_after_the_bad_ones_count_before_the_good_word_too() {
    Patient patient = Patient.up(SETTINGS).agent(0, false).probe(1000, BAD_STATUS);
    patient.probe(2000, OK);
    assertThat(patient.next()).as("while probes bring it nearer").isEqualTo(2250);
    patient.probe(2250, OK);
    assertThat(patient.next()).as("while the agent alone holds it").isEqualTo(3250);
    assertThat(patient.agent(2300, true).status()).isEqualTo(HealthStatus.UP);
  }

  @Test
  void a_server_with_a_bad_observation_wants_good_probes_too() {
    Patient patient = Patient.up(SETTINGS).probe(-1000, BAD_STATUS).agent(0, false);
    assertThat(patient.agent(10, true).status()).isEqualTo(HealthStatus.DOWN);
  }

  @Test
  void a_bad_word_before_the_first_probe_makes_it_down() {
    Patient patient = Patient.unknown(SETTINGS).agent(0, false);
    assertThat(patient.status()).isEqualTo(HealthStatus.DOWN);
    assertThat(patient.agent(10, true).status()).isEqualTo(HealthStatus.DOWN);
    assertThat(patient.probe(20, OK).probe(300, OK).status()).isEqualTo(HealthStatus.UP);
  }

  @Test
  void a_good_word_alone_changes_nothing() {
    assertThat(Patient.up(SETTINGS).agent(0, true).changed()).isFalse();
    assertThat(Patient.unknown(SETTINGS).agent(0, true).status()).isEqualTo(HealthStatus.UNKNOWN);
    assertThat(Patient.down(SETTINGS).agent(0, true).status()).isEqualTo(HealthStatus.DOWN);
  }

  @Test
  void a_bad_word_on_a_down_server_holds_it_down() {
    Patient patient = Patient.down(SETTINGS).agent(0, false).probe(100, OK).probe(400, OK);
    assertThat(patient.status()).isEqualTo(HealthStatus.DOWN);
    assertThat(patient.agent(500, true).status()).isEqualTo(HealthStatus.UP);
  }

  @Test
  void an_agent_that_is_not_asked_any_more_holds_nothing() {
    HealthSettings d = SETTINGS;
    HealthSettings asked =
        new HealthSettings(
            d.check(),
            d.interval(),
            d.fastInterval(),
            d.downInterval(),
            d.timeout(),
            3,
            2,
            new AgentCheck(9999, null, Duration.ofSeconds(2), null));
    Patient patient = Patient.up(asked).agent(0, false).with(SETTINGS);
    assertThat(patient.status()).isEqualTo(HealthStatus.DOWN);
    assertThat(patient.probe(1000, OK).status()).isEqualTo(HealthStatus.UP);
  }
}
