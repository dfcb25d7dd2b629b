package dev.understudy.health;

import static dev.understudy.health.ProbeOutcome.OK;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.AgentCheck;
import dev.understudy.pool.HealthSettings;
import dev.understudy.testing.Scenario;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** An agent's word beside the probes. Intervals are 2 s, fast 250 ms and 1 s while DOWN. */
class HealthAgentTest {
  private static final HealthSettings SETTINGS = Patient.settings(3, 2);

  @Scenario.Each(
      """
      a bad word makes an up server down at once
        up 3/2; agent 0 down; is DOWN; changed; says its agent says: down; connection made; bad 0
      good probes do not bring it back and are not hurried
        up 3/2; agent 0 down; OK@1000; OK@2000; is DOWN; next 3000
      a good word brings it back at once if its probes were good
        up 3/2; agent 0 down; agent 10 up; is UP; says its agent says: up; bad none
      after a bad probe it wants good ones too
        up 3/2; agent 0 down; BAD_STATUS@1000; agent 1010 up; is DOWN; OK@2000; is DOWN; OK@2250; is UP
      good probes after the bad ones count before the good word too, and are not hurried once it alone is awaited
        up 3/2; agent 0 down; BAD_STATUS@1000; OK@2000; next 2250; OK@2250; next 3250
        agent 2300 up; is UP
      a server with a bad observation wants good probes too
        up 3/2; BAD_STATUS@-1000; agent 0 down; agent 10 up; is DOWN
      a bad word before the first probe makes it down
        unknown 3/2; agent 0 down; is DOWN; agent 10 up; is DOWN; OK@20; OK@300; is UP
      a good word alone changes nothing of an up server
        up 3/2; agent 0 up; same; is UP
      a good word alone does not make an unknown server up
        unknown 3/2; agent 0 up; is UNKNOWN
      a good word alone does not make a down server up
        down 3/2; agent 0 up; is DOWN
      a bad word on a down server holds it down
        down 3/2; agent 0 down; OK@100; OK@400; is DOWN; agent 500 up; is UP
      """)
  void what_an_agents_word_does(Scenario scenario) {
    Patient.play(scenario);
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
