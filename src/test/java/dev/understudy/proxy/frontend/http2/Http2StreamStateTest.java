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
          WAITING            | EXPRESS_HEAD | EXPRESS_INCOMPLETE
          WAITING            | GATEWAY_HEAD | GATEWAY_INCOMPLETE
          EXPRESS_INCOMPLETE | REQUEST_END  | EXPRESS_COMPLETE
          EXPRESS_INCOMPLETE | RESPONSE_END | REMAINING_BODY
          EXPRESS_INCOMPLETE | UPGRADE      | TUNNEL_UNREAD
          EXPRESS_COMPLETE   | RESPONSE_END | OVER
          EXPRESS_COMPLETE   | UPGRADE      | TUNNEL_UNREAD
          GATEWAY_INCOMPLETE | REQUEST_END  | GATEWAY_COMPLETE
          GATEWAY_INCOMPLETE | RESPONSE_END | REMAINING_BODY
          GATEWAY_INCOMPLETE | UPGRADE      | TUNNEL_UNREAD
          GATEWAY_COMPLETE   | RESPONSE_END | OVER
          GATEWAY_COMPLETE   | UPGRADE      | TUNNEL_UNREAD
          REMAINING_BODY     | REQUEST_END  | OVER
          TUNNEL_UNREAD      | TUNNEL_READ  | TUNNEL
          """)
  void an_event_leads_on(Http2StreamState state, Event event, Http2StreamState next) {
    assertThat(state.after(event)).isEqualTo(next);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          WAITING            | REQUEST_END  RESPONSE_END UPGRADE TUNNEL_READ
          EXPRESS_INCOMPLETE | EXPRESS_HEAD GATEWAY_HEAD TUNNEL_READ
          EXPRESS_COMPLETE   | EXPRESS_HEAD GATEWAY_HEAD REQUEST_END TUNNEL_READ
          GATEWAY_INCOMPLETE | EXPRESS_HEAD GATEWAY_HEAD TUNNEL_READ
          GATEWAY_COMPLETE   | EXPRESS_HEAD GATEWAY_HEAD REQUEST_END TUNNEL_READ
          REMAINING_BODY     | EXPRESS_HEAD GATEWAY_HEAD RESPONSE_END UPGRADE TUNNEL_READ
          TUNNEL_UNREAD      | EXPRESS_HEAD GATEWAY_HEAD REQUEST_END RESPONSE_END UPGRADE
          TUNNEL             | EXPRESS_HEAD GATEWAY_HEAD REQUEST_END RESPONSE_END UPGRADE TUNNEL_READ
          OVER               | EXPRESS_HEAD GATEWAY_HEAD REQUEST_END RESPONSE_END UPGRADE TUNNEL_READ
          CLOSED             | EXPRESS_HEAD GATEWAY_HEAD REQUEST_END RESPONSE_END UPGRADE TUNNEL_READ
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
          WAITING            | false       | never               | false
          EXPRESS_INCOMPLETE | true        | always              | true
          EXPRESS_COMPLETE   | false       | always              | true
          GATEWAY_INCOMPLETE | true        | behind a handshake  | true
          GATEWAY_COMPLETE   | false       | behind a handshake  | true
          REMAINING_BODY     | false       | never               | true
          TUNNEL_UNREAD      | false       | always              | false
          TUNNEL             | false       | never               | false
          OVER               | false       | never               | true
          CLOSED             | false       | never               | true
          """)
  void a_state_says_what_is_due(
      Http2StreamState state, boolean incomplete, String kept, boolean awaits) {
    assertThat(state.isIncomplete()).isEqualTo(incomplete);
    assertThat(state.keepsData(false)).isEqualTo(kept.equals("always"));
    assertThat(state.keepsData(true)).isEqualTo(!kept.equals("never"));
    assertThat(state.awaitsClient()).isEqualTo(awaits);
  }
}
