package dev.understudy.monitor;

import static dev.understudy.monitor.SensePool.MASTER;
import static dev.understudy.monitor.SensePool.backup;
import static dev.understudy.monitor.SensePool.master;
import static dev.understudy.monitor.SensePool.sense;
import static dev.understudy.monitor.SensePool.with;

import dev.understudy.pool.AgentCheck;
import dev.understudy.pool.HealthSettings;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolMode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Agents beside the servers, which are asked each second. */
class MonitorAgentTest {
  static final List<Story> STORIES =
      Story.of(
          """
          what an agent found bad stays so at another address
            master.example resolves to 192.0.2.2; begin asked-by-name
            agent says down; sen2.status = DOWN
            master.example resolves to 192.0.2.9; until hosts.sen2 ~ 192.0.2.9
            keep count.HealthChanged as before; wait 3 s
            sen2.status = DOWN; count.HealthChanged = $before
            agent says up; sen2.status = UP
          drain moves the role and ready brings it back
            begin asked; agent says drain # updating; serving = sen1
            sen2.operatorState = DRAIN; sen2.stateSetter = agent; sen2.usable = false
            sen2.operatorAct.operator = "agent: drain # updating"
            # Its sessions stay, and so does what it does not speak of.
            sen2.leftServing = null; agent says up; serving = sen1
            agent says ready; serving = sen2; sen2.operatorState = READY
            reasons = "INITIAL, OPERATOR, FAILBACK"
            all.Switched.evidence ~ "its agent set server sen2 to drain"
            all.OperatorStateChanged.message = "Pool sense: server sen2 is set to drain (agent), it was ready; its agent says: drain # updating, Pool sense: server sen2 is set to ready (agent), it was drain; its agent says: ready"
          down makes the server down and up brings it back
            begin asked; agent says down; sen2.status = DOWN; serving = sen1
            last.Switched.reason = HEALTH_CHECK_FAILED; wait 10 s; sen2.status = DOWN
            agent says up; sen2.status = UP; serving = sen2
          an agent that cannot be reached changes nothing
            begin asked; sen2.agent.problem = connection refused
            agent says maint; sen2.operatorState = MAINTENANCE
            agent is gone; sen2.operatorState = MAINTENANCE; sen2.agent.said = maint
            sen2.agent.problem = connection refused
            agent says what?; sen2.agent.problem ~ not understood; sen2.agent.problem ~ what?
            serving = sen1
          an operators state goes before the agents
            begin asked; set sen2 to DRAIN; agent says maint
            sen2.operatorState = DRAIN; sen2.stateSetter = operator
            agent says ready; sen2.operatorState = DRAIN
            # Ready is over both.
            agent says maint; set sen2 to READY; sen2.operatorState = READY; serving = sen2
          ready overrides an agent until it says another state
            begin asked; agent says maint; agent is gone; serving = sen1
            set sen2 to READY by alice; sen2.operatorState = READY; serving = sen2
            last.OperatorStateChanged.message = "Pool sense: an operator set server sen2 to ready until its agent says another state, it was maintenance (agent), by alice: disk swap"
            sen2.operatorAct.operator = "alice: disk swap"; sen2.agent.overridden = true
            sen2.agent.inForce = false; set sen2 to READY -> unchanged
            # The same word again, and words that are no states.
            agent says maint; agent says up; agent says maint 50%; serving = sen2
            agent says drain; sen2.operatorState = DRAIN; sen2.stateSetter = agent; serving = sen1
            sen2.agent.overridden = false; agent says ready; sen2.operatorState = READY
            agent says maint; sen2.operatorState = MAINTENANCE; sen2.stateSetter = agent
            set sen2 to READY; sen2.operatorState = READY
          an agent that said ready after it was overridden is heeded again
            begin asked; agent says drain; set sen2 to READY; agent says ready
            sen2.agent.overridden = false; agent says drain; sen2.operatorState = DRAIN
          an operators other state ends the override
            begin asked; agent says maint; set sen2 to READY; set sen2 to DRAIN by alice
            sen2.operatorState = DRAIN; sen2.stateSetter = operator; sen2.agent.overridden = false
            last.OperatorStateChanged.message = "Pool sense: an operator set server sen2 to drain, it was ready, by alice: disk swap"
          the reason says what the state was by the agent
            begin asked; agent says maint; set sen2 to DRAIN by alice
            last.OperatorStateChanged.message = "Pool sense: an operator set server sen2 to drain, it was maintenance (agent), by alice: disk swap"
            last.OperatorStateChanged.from = MAINTENANCE
          an agent that toggles is told twice, then once a minute
            begin asked; 10 times agent says drain and ready
            count.OperatorStateChanged = 2; wait 60 s; count.OperatorStateChanged = 3
            last.OperatorStateChanged.message ~ "it changed 18 times within a minute"
            last.OperatorStateChanged.to = READY; wait 60 s; agent says drain
            count.OperatorStateChanged = 4; last.OperatorStateChanged.to = DRAIN
          an agent that a new file removes holds nothing
            begin asked; agent says maint down; serving = sen1
            apply sense; sen2.operatorState = READY; sen2.agent = null; until sen2 serves
            last.OperatorStateChanged.message = "Pool sense: server sen2 is set to ready (agent), it was maintenance; its agent is no longer asked"
          what an agent said stays when a new file has it asked at another interval
            begin asked; agent says maint down 50%; agent is gone; apply asked-less; wait 10 s
            sen2.operatorState = MAINTENANCE; sen2.status = DOWN; sen2.weight = 0.5
            sen2.agent.said = maint down 50%; reasons = "INITIAL, OPERATOR"
            apply asked-elsewhere; sen2.operatorState = READY
          a per cent is the servers share of its weight until the agent says another
            begin asked-balance; sen2.weight = 1.0
            agent says up 75%; sen2.weight = 0.75; sen1.weight = 1.0
            # A line that says none, and an agent that is gone.
            agent says ready up; sen2.weight = 0.75; agent is gone; sen2.weight = 0.75
            agent says 100%; sen2.weight = 1.0; reasons = ""
          zero per cent keeps a balance pools new requests from the server
            begin asked-balance; receiving = sen2
            # Its sessions stay.
            agent says 0%; receiving = sen1; sen2.usable = true
            apply balance; receiving = sen2
          a failover pool has no use for a per cent
            begin asked; agent says 0%; serving = sen2; receiving = sen2
          it is asked once in each interval
            begin asked; agent says up; wait 20 s; age-of-reply in 0..2100
          """);

  private static Pool asked(int port, Duration interval) {
    HealthSettings d = sense().health();
    return with(
        sense(),
        new HealthSettings(
            d.check(),
            d.interval(),
            d.fastInterval(),
            d.downInterval(),
            d.timeout(),
            d.fall(),
            d.rise(),
            new AgentCheck(port, null, interval, null)));
  }

  static final Pool ASKED = asked(9999, Duration.ofSeconds(1));

  @AutoClose
  private final Stage stage =
      new Stage()
          .pool("asked", ASKED)
          .pool("asked-less", asked(9999, Duration.ofSeconds(3)))
          .pool("asked-elsewhere", asked(9998, Duration.ofSeconds(3)))
          .pool("asked-balance", with(ASKED, PoolMode.BALANCE))
          .pool("asked-by-name", with(ASKED, master("master.example"), backup("192.0.2.1")))
          .verb("agent says (.*)", on -> says(on.group(1)))
          .verb("agent is gone", on -> says(null))
          .verb("(\\d+) times agent says drain and ready", on -> toggles(on.group(1)))
          .fact("age-of-reply", this::ageOfReply);

  /** The master's agent says that, and is asked. */
  private void says(@Nullable String line) {
    stage.bench.prober.agentSays(MASTER, line);
    stage.bench.advance(1_000 + PublishingScheduler.SOON.toMillis());
  }

  private void toggles(String times) {
    for (int i = 0; i < Integer.parseInt(times); i++) {
      says("drain");
      says("ready");
    }
  }

  private long ageOfReply() {
    Instant at = stage.bench.server(MASTER).agent().at();
    return Duration.between(at, stage.bench.scheduler.now()).toMillis();
  }

  @ParameterizedTest
  @FieldSource("STORIES")
  void an_agent_is_heeded(Story story) {
    stage.play(story);
  }
}
