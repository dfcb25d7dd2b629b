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
          WAITING            | EXPRESS_HEAD | EXPRESS_INCOMPLETE
          WAITING            | GATEWAY_HEAD | GATEWAY_INCOMPLETE
          EXPRESS_INCOMPLETE | REQUEST_END  | EXPRESS_COMPLETE
          EXPRESS_INCOMPLETE | RESPONSE_END | REMAINING_BODY
          EXPRESS_INCOMPLETE | UPGRADE      | GIVEN_AWAY
          EXPRESS_COMPLETE   | RESPONSE_END | WAITING
          EXPRESS_COMPLETE   | UPGRADE      | GIVEN_AWAY
          GATEWAY_INCOMPLETE | REQUEST_END  | GATEWAY_COMPLETE
          GATEWAY_INCOMPLETE | RESPONSE_END | REMAINING_BODY
          GATEWAY_INCOMPLETE | UPGRADE      | GIVEN_AWAY
          GATEWAY_COMPLETE   | RESPONSE_END | WAITING
          GATEWAY_COMPLETE   | UPGRADE      | GIVEN_AWAY
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
          EXPRESS_INCOMPLETE | EXPRESS_HEAD GATEWAY_HEAD
          EXPRESS_COMPLETE   | EXPRESS_HEAD GATEWAY_HEAD REQUEST_END
          GATEWAY_INCOMPLETE | EXPRESS_HEAD GATEWAY_HEAD
          GATEWAY_COMPLETE   | EXPRESS_HEAD GATEWAY_HEAD REQUEST_END
          REMAINING_BODY     | EXPRESS_HEAD GATEWAY_HEAD RESPONSE_END UPGRADE
          LINGERING          | EXPRESS_HEAD GATEWAY_HEAD REQUEST_END RESPONSE_END UPGRADE
          GIVEN_AWAY         | EXPRESS_HEAD GATEWAY_HEAD REQUEST_END RESPONSE_END UPGRADE
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
          EXPRESS_INCOMPLETE | false    | CLOSE      | CLOSE               | wanted
          EXPRESS_COMPLETE   | true     | GO_ON      | GO_ON               | ahead
          GATEWAY_INCOMPLETE | false    | CLOSE      | CLOSE               | never
          GATEWAY_COMPLETE   | true     | GO_ON      | GO_ON               | never
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
