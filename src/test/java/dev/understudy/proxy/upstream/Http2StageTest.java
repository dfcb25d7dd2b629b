package dev.understudy.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.upstream.Http2Stage.Event;
import dev.understudy.testing.Rows;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The stages of a connection: each with each event. */
class Http2StageTest {
  @Rows(
      """
      # OPENING
      OPENING     | PREFACE_SENT   | GREETING    | GREETING
      OPENING     | SETTINGS       | OPENING     | OPENING
      OPENING     | HTTP_1_CHOSEN  | HANDED_OVER | HANDED_OVER
      OPENING     | RETIREMENT     | OPENING     | OPENING
      OPENING     | UNUSED         | CLOSED      | CLOSED
      OPENING     | ENDED          | CLOSED      | CLOSED
      # GREETING
      GREETING    | PREFACE_SENT   | GREETING    | GREETING
      GREETING    | SETTINGS       | OPEN        | OPEN
      GREETING    | HTTP_1_CHOSEN  | GREETING    | GREETING
      GREETING    | RETIREMENT     | GREETING    | GREETING
      GREETING    | UNUSED         | CLOSED      | CLOSED
      GREETING    | ENDED          | CLOSED      | CLOSED
      # OPEN
      OPEN        | PREFACE_SENT   | OPEN        | OPEN
      OPEN        | SETTINGS       | OPEN        | OPEN
      OPEN        | HTTP_1_CHOSEN  | OPEN        | OPEN
      OPEN        | RETIREMENT     | RETIRED     | CLOSED
      OPEN        | UNUSED         | OPEN        | OPEN
      OPEN        | ENDED          | CLOSED      | CLOSED
      # RETIRED
      RETIRED     | PREFACE_SENT   | RETIRED     | RETIRED
      RETIRED     | SETTINGS       | RETIRED     | RETIRED
      RETIRED     | HTTP_1_CHOSEN  | RETIRED     | RETIRED
      RETIRED     | RETIREMENT     | RETIRED     | RETIRED
      RETIRED     | UNUSED         | CLOSED      | CLOSED
      RETIRED     | ENDED          | CLOSED      | CLOSED
      """)
  void the_next_stage(Http2Stage stage, Event event, Http2Stage used, Http2Stage unused) {
    assertThat(stage.after(event, false)).isEqualTo(used);
    assertThat(stage.after(event, true)).as("without a stream").isEqualTo(unused);
  }

  @ParameterizedTest
  @EnumSource(Event.class)
  void nothing_follows_the_end(Event event) {
    assertThat(Http2Stage.CLOSED.after(event, true)).isEqualTo(Http2Stage.CLOSED);
    assertThat(Http2Stage.HANDED_OVER.after(event, true)).isEqualTo(Http2Stage.HANDED_OVER);
  }

  @Rows(
      """
      OPENING     | true  | true
      GREETING    | true  | true
      OPEN        | false | true
      RETIRED     | false | false
      HANDED_OVER | false | false
      CLOSED      | false | false
      """)
  void what_a_stage_allows(Http2Stage stage, boolean beginning, boolean takesStreams) {
    assertThat(stage.isBeginning()).isEqualTo(beginning);
    assertThat(stage.takesStreams()).isEqualTo(takesStreams);
  }
}
