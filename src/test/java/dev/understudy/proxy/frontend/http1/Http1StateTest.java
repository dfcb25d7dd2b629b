package dev.understudy.proxy.frontend.http1;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.frontend.http1.Http1State.AtInputEnd;
import dev.understudy.proxy.frontend.http1.Http1State.Event;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What follows what on an HTTP/1 connection: each state with each event. */
class Http1StateTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          WAITING            | HEAD         | INCOMPLETE
          INCOMPLETE         | REQUEST_END  | COMPLETE
          INCOMPLETE         | RESPONSE_END | REMAINING_BODY
          INCOMPLETE         | UPGRADE      | GIVEN_AWAY
          COMPLETE           | RESPONSE_END | WAITING
          COMPLETE           | UPGRADE      | GIVEN_AWAY
          REMAINING_BODY     | REQUEST_END  | WAITING
          """)
  void an_event_leads_on(Http1State state, Event event, Http1State next) {
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
          LINGERING          | HEAD REQUEST_END RESPONSE_END UPGRADE
          GIVEN_AWAY         | HEAD REQUEST_END RESPONSE_END UPGRADE
          """)
  void an_event_out_of_place_changes_nothing(Http1State state, String events) {
    assertThat(Arrays.stream(events.split(" +")).map(Event::valueOf))
        .allSatisfy(event -> assertThat(state.after(event)).isEqualTo(state));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # state            | complete | input ends | .. with more waiting | reads on if
          WAITING            | false    | FINISH     | GO_ON               | ahead
          INCOMPLETE         | false    | CLOSE      | CLOSE               | wanted
          COMPLETE           | true     | GO_ON      | GO_ON               | ahead
          REMAINING_BODY     | false    | FINISH     | FINISH              | always
          LINGERING          | false    | FINISH     | FINISH              | always
          GIVEN_AWAY         | false    | CLOSE      | CLOSE               | never
          """)
  void a_state_says_what_is_due(
      Http1State state, boolean complete, AtInputEnd end, AtInputEnd endWithMore, String reads) {
    assertThat(state.isComplete()).isEqualTo(complete);
    assertThat(state.atInputEnd(false)).isEqualTo(end);
    assertThat(state.atInputEnd(true)).isEqualTo(endWithMore);
    assertThat(state.readsOn(false, false)).isEqualTo(reads.equals("always"));
    assertThat(state.readsOn(true, false))
        .isEqualTo(reads.equals("always") || reads.equals("wanted"));
    assertThat(state.readsOn(false, true))
        .isEqualTo(reads.equals("always") || reads.equals("ahead"));
    assertThat(state.after(Event.OUTPUT_END)).isEqualTo(Http1State.LINGERING);
  }
}
