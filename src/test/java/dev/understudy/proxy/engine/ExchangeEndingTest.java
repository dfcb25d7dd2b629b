package dev.understudy.proxy.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.engine.ExchangeEnding.Cause;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The table in the javadoc of {@link ExchangeEnding}. */
class ExchangeEndingTest {
  @ParameterizedTest
  @CsvSource({
    // cause → before the head; after it: taken, not taken; an event stream: taken, not taken
    "NO_RESPONSE, RESPOND, BREAK_OFF, BREAK_OFF, BREAK_OFF, BREAK_OFF",
    "BAD_REQUEST, RESPOND, ABORT,     ABORT,     ABORT,     ABORT",
    "CLIENT_LATE, ABORT,   ABORT,     ABORT,     ABORT,     ABORT",
    "CLIENT_GONE, NONE,    NONE,      NONE,      NONE,      NONE",
    "SERVER_LEFT, RESPOND, BREAK_OFF, BREAK_OFF, COMPLETE,  COMPLETE",
    "STOPPING,    RESPOND, BREAK_OFF, ABORT,     COMPLETE,  ABORT",
  })
  void an_exchange_ends_in_this_way(
      Cause cause,
      ExchangeEnding before,
      ExchangeEnding taken,
      ExchangeEnding stuck,
      ExchangeEnding eventsTaken,
      ExchangeEnding eventsStuck) {
    for (boolean any : new boolean[] {true, false}) {
      assertThat(ExchangeEnding.of(cause, false, any, false)).isEqualTo(before);
    }
    assertThat(ExchangeEnding.of(cause, true, true, false)).isEqualTo(taken);
    assertThat(ExchangeEnding.of(cause, true, false, false)).isEqualTo(stuck);
    assertThat(ExchangeEnding.of(cause, true, true, true)).isEqualTo(eventsTaken);
    assertThat(ExchangeEnding.of(cause, true, false, true)).isEqualTo(eventsStuck);
  }
}
