package dev.understudy.proxy.http;

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
    "text/event-streams, DOWNLOAD",
    "text/event-strea, DOWNLOAD",
    "application/x-ndjson, STREAM",
    "Application/X-NDJSON; charset=utf-8, STREAM",
    "application/x-ndjsons, DOWNLOAD",
    "application/ndjson, STREAM",
    "application/jsonl, STREAM",
    "application/stream+json, STREAM",
    "application/json-seq, STREAM",
    "multipart/x-mixed-replace; boundary=a, STREAM",
    "application/json, DOWNLOAD",
    "application/octet-stream, DOWNLOAD",
    "text/plain, DOWNLOAD",
    "'', DOWNLOAD"
  })
  void the_media_type_decides_where_nothing_says_how_long_it_is(String type, ResponseKind kind) {
    HttpHeaders head = new DefaultHttpHeaders().set("content-type", type);
    assertThat(ResponseKind.of(head)).isEqualTo(kind);
    head.set("content-length", "5");
    assertThat(ResponseKind.of(head)).isEqualTo(ResponseKind.DOWNLOAD);
  }

  @Test
  void an_attachment_has_an_end() {
    HttpHeaders head =
        new DefaultHttpHeaders()
            .set("content-type", "application/x-ndjson")
            .set("content-disposition", "attachment; filename=a");
    assertThat(ResponseKind.of(head)).isEqualTo(ResponseKind.DOWNLOAD);
  }

  @Test
  void without_a_type_it_is_a_download() {
    assertThat(ResponseKind.of(new DefaultHttpHeaders())).isEqualTo(ResponseKind.DOWNLOAD);
  }
}
