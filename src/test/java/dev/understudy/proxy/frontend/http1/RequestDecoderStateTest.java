package dev.understudy.proxy.frontend.http1;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.frontend.http1.RequestDecoderState.Event;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the next byte belongs to: each state of the decoder with each event. */
class RequestDecoderStateTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          START      | PART              | HEAD
          START      | PLAIN_BODY_BEGINS | PLAIN_BODY
          START      | BODY_BEGINS       | BODY
          START      | CHUNKS_BEGIN      | CHUNKS
          START      | HOLD              | HELD
          HEAD       | BODY_BEGINS       | BODY
          HEAD       | CHUNKS_BEGIN      | CHUNKS
          BODY       | END               | START
          CHUNKS     | END               | START
          PLAIN_BODY | END               | START
          HELD       | RESUME            | START
          """)
  void an_event_leads_on(RequestDecoderState state, Event event, RequestDecoderState next) {
    assertThat(state.after(event)).isEqualTo(next);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          START      | END RESUME
          HEAD       | PART PLAIN_BODY_BEGINS END HOLD RESUME
          BODY       | PART PLAIN_BODY_BEGINS BODY_BEGINS CHUNKS_BEGIN HOLD RESUME
          CHUNKS     | PART PLAIN_BODY_BEGINS BODY_BEGINS CHUNKS_BEGIN HOLD RESUME
          PLAIN_BODY | PART PLAIN_BODY_BEGINS BODY_BEGINS CHUNKS_BEGIN HOLD RESUME
          HELD       | PART PLAIN_BODY_BEGINS BODY_BEGINS CHUNKS_BEGIN END HOLD
          BROKEN     | PART PLAIN_BODY_BEGINS BODY_BEGINS CHUNKS_BEGIN END HOLD RESUME
          """)
  void an_event_out_of_place_changes_nothing(RequestDecoderState state, String events) {
    assertThat(Arrays.stream(events.split(" +")).map(Event::valueOf))
        .allSatisfy(event -> assertThat(state.after(event)).isEqualTo(state));
  }

  @ParameterizedTest
  @CsvSource({
    "START, false",
    "HEAD, true",
    "BODY, true",
    "CHUNKS, true",
    "PLAIN_BODY, false",
    "HELD, false",
    "BROKEN, false"
  })
  void any_state_can_break_and_some_are_nettys(RequestDecoderState state, boolean nettys) {
    assertThat(state.after(Event.FAILURE)).isEqualTo(RequestDecoderState.BROKEN);
    assertThat(state.isNettys()).isEqualTo(nettys);
  }
}
