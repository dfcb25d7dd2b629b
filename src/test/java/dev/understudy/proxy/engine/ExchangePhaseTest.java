package dev.understudy.proxy.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The table in the javadoc of {@link ExchangePhase}. */
class ExchangePhaseTest {
  @ParameterizedTest
  @CsvSource({
    // phase → those that may follow; no other may
    "SELECTING,  CONNECTING OVER",
    "CONNECTING, SELECTING AWAITING OVER",
    "AWAITING,   SELECTING RELAYING OVER",
    "RELAYING,   OVER",
    "OVER,       ''",
  })
  void each_phase_has_these_successors(ExchangePhase phase, String successors) {
    List<String> may = List.of(successors.split(" "));
    for (ExchangePhase next : ExchangePhase.values()) {
      if (may.contains(next.name())) {
        assertThat(phase.become(next)).isEqualTo(next);
      } else {
        assertThatThrownBy(() -> phase.become(next))
            .isInstanceOf(IllegalStateException.class)
            .hasMessage(phase + " cannot become " + next);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    // phase → a fresh connection ends, a stale one, another failure
    "SELECTING,  ,                ,                ",
    "CONNECTING, CONNECT_FAILED,  STALE,           REFUSED",
    "AWAITING,   BROKEN,          STALE,           REFUSED",
    "RELAYING,   RESPONSE_BROKEN, RESPONSE_BROKEN, RESPONSE_BROKEN",
    "OVER,       ,                ,                ",
  })
  void a_failure_comes_to_this(
      ExchangePhase phase, UpstreamFailure fresh, UpstreamFailure stale, UpstreamFailure refused) {
    assertThat(phase.broken(false)).isEqualTo(fresh);
    assertThat(phase.broken(true)).isEqualTo(stale);
    assertThat(phase.failed(UpstreamFailure.REFUSED)).isEqualTo(refused);
  }
}
