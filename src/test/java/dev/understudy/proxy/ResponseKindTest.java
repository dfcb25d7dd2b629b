package dev.understudy.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResponseKindTest {
  @ParameterizedTest
  @CsvSource({
    "text/event-stream, EVENT_STREAM",
    "TEXT/Event-Stream, EVENT_STREAM",
    "text/event-stream;charset=utf-8, EVENT_STREAM",
    "text/event-stream ; charset=utf-8, EVENT_STREAM",
    "text/event-streams, UNSIZED",
    "text/event-strea, UNSIZED",
    "application/x-ndjson, UNSIZED",
    "'', UNSIZED"
  })
  void the_media_type_decides_where_nothing_says_how_long_it_is(String type, ResponseKind kind) {
    HttpHeaders head = new DefaultHttpHeaders().set("content-type", type);
    assertThat(ResponseKind.of(head)).isEqualTo(kind);
    head.set("content-length", "5");
    assertThat(ResponseKind.of(head)).isEqualTo(ResponseKind.SIZED);
  }

  @Test
  void without_a_type_it_is_of_unknown_length() {
    assertThat(ResponseKind.of(new DefaultHttpHeaders())).isEqualTo(ResponseKind.UNSIZED);
  }
}
