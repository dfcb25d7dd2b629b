package dev.understudy.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.agreement.AgentOverride;
import dev.understudy.agreement.OperatorStates;
import dev.understudy.pool.Operator;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.StateOrigin;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whose word on a server's state counts. */
class StateInForceTest {
  private static final ServerId SERVER = new ServerId("sen1");
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private OperatorStates agreed = OperatorStates.NONE;
  private StateInForce state = StateInForce.of(agreed, SERVER, START);
  private Instant now = START;

  /** Who says what; the state in force, and who set it. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          cluster ready                                            | ready       | operator
          cluster drain                                            | drain       | cluster
          cluster drain, agent maintenance                         | maintenance | agent
          cluster drain, agent maintenance, operator drain         | drain       | operator
          agent drain, operator maintenance, operator ready        | drain       | agent
          agent drain, agent ready                                 | ready       | operator
          agent drain, no agent                                    | ready       | operator
          agent drain, override drain                              | ready       | operator
          agent drain, override drain, agent drain                 | ready       | operator
          agent drain, override drain, cluster drain               | drain       | cluster
          agent drain, override drain, agent maintenance           | maintenance | agent
          agent drain, override drain, agent ready, agent drain    | drain       | agent
          agent drain, override drain, operator drain, operator ready | drain    | agent
          agent drain, override drain, late maintenance            | ready       | operator
          agent drain, override drain, no agent, agent drain       | drain       | agent
          agent maintenance, override drain                        | ready       | operator
          override drain, agent drain                              | ready       | operator
          override drain, agent maintenance                        | maintenance | agent
          """)
  void a_word_counts(String words, String inForce, String setter) {
    play(words);
    assertThat(word(state.get())).isEqualTo(inForce);
    assertThat(state.setter().word()).isEqualTo(setter);
  }

  @Test
  void what_is_agreed_already_is_no_news() {
    play("agent drain, override drain");
    assertThat(state.agreed(agreed, SERVER, now)).isSameAs(state);
    assertThat(state.isAgentOverridden()).isTrue();
    assertThat(state.endedOverride()).isNull();
    play("agent ready");
    assertThat(state.endedOverride()).isEqualTo(agreed.override(SERVER));
  }

  @Test
  void a_ready_state_shows_the_act_that_ended_another() {
    play("operator drain, cluster drain, operator ready, cluster ready");
    assertThat(name(state)).isEqualTo("cluster");
    play("operator drain");
    assertThat(name(state)).isEqualTo("operator");
  }

  private static @Nullable String name(StateInForce state) {
    Operator operator = state.act().operator();
    return operator == null ? null : operator.name();
  }

  private void play(String words) {
    for (String each : words.split(", ")) {
      now = now.plusSeconds(1);
      say(each.split(" "));
    }
  }

  private void say(String[] words) {
    Operator who = new Operator(words[0], "a test");
    switch (words[0]) {
      case "agent" -> state = state.byAgent(state(words[1]), who, now, now);
      case "late" -> state = state.byAgent(state(words[1]), who, START, now);
      case "no" -> state = state.withoutAgent(now);
      case "cluster" -> state = state.byCluster(state(words[1]), who, now);
      default -> {
        boolean overrides = words[0].equals("override");
        OperatorState next = overrides ? OperatorState.READY : state(words[1]);
        AgentOverride over = overrides ? new AgentOverride(state(words[1]), now) : null;
        agreed = agreed.with(SERVER, next, over, who);
        state = state.agreed(agreed, SERVER, now);
      }
    }
    assertThat(state.by(StateOrigin.OPERATOR)).isEqualTo(agreed.of(SERVER));
  }

  private static OperatorState state(String word) {
    return OperatorState.valueOf(word.toUpperCase(Locale.ROOT));
  }

  private static String word(OperatorState state) {
    return state.name().toLowerCase(Locale.ROOT);
  }
}
