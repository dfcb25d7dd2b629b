package dev.understudy.proxy.frontend.http2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.frontend.http2.Http2StreamState.Event;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What follows what on an HTTP/2 stream: each state with each event. */
class Http2StreamStateTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          WAITING            | HEAD         | INCOMPLETE
          INCOMPLETE         | REQUEST_END  | COMPLETE
          INCOMPLETE         | RESPONSE_END | REMAINING_BODY
          INCOMPLETE         | UPGRADE      | TUNNEL
          COMPLETE           | RESPONSE_END | OVER
          COMPLETE           | UPGRADE      | TUNNEL
          REMAINING_BODY     | REQUEST_END  | OVER
          """)
  void an_event_leads_on(Http2StreamState state, Event event, Http2StreamState next) {
    assertThat(state.after(event)).isEqualTo(next);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          WAITING            | REQUEST_END  RESPONSE_END UPGRADE
          INCOMPLETE         | HEAD
          COMPLETE           | HEAD REQUEST_END
          REMAINING_BODY     | HEAD RESPONSE_END UPGRADE
          TUNNEL             | HEAD REQUEST_END RESPONSE_END UPGRADE
          OVER               | HEAD REQUEST_END RESPONSE_END UPGRADE
          CLOSED             | HEAD REQUEST_END RESPONSE_END UPGRADE
          """)
  void an_event_out_of_place_changes_nothing(Http2StreamState state, String events) {
    assertThat(Arrays.stream(events.split(" +")).map(Event::valueOf))
        .allSatisfy(event -> assertThat(state.after(event)).isEqualTo(state));
  }

  @ParameterizedTest
  @EnumSource
  void any_state_can_end(Http2StreamState state) {
    assertThat(state.after(Event.CLOSE)).isEqualTo(Http2StreamState.CLOSED);
    assertThat(state.after(Event.OUTPUT_END))
        .isEqualTo(state == Http2StreamState.CLOSED ? state : Http2StreamState.OVER);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # state            | more is due | data is kept        | the client's turn counts
          WAITING            | false       | false               | false
          INCOMPLETE         | true        | true                | true
          COMPLETE           | false       | true                | true
          REMAINING_BODY     | false       | false               | true
          TUNNEL             | false       | true                | false
          OVER               | false       | false               | true
          CLOSED             | false       | false               | true
          """)
  void a_state_says_what_is_due(
      Http2StreamState state, boolean incomplete, boolean kept, boolean awaits) {
    assertThat(state.isIncomplete()).isEqualTo(incomplete);
    assertThat(state.keepsData()).isEqualTo(kept);
    assertThat(state.awaitsClient()).isEqualTo(awaits);
  }
}
