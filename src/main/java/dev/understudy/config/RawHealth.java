package dev.understudy.config;

import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A pool's {@code health} as written; null stands for an absent key. */
record RawHealth(
    @Nullable Type type,
    @Rule.Text(TextForm.TARGET) @Nullable String path,
    @Rule.Text(TextForm.METHOD) @Nullable String method,
    @Rule.Text(TextForm.AUTHORITY) @Nullable String host,
    @Rule.Entries(max = 32, keys = TextForm.TOKEN) @Nullable Map<String, String> headers,
    @Rule.Whole(min = 1, max = 65_535) @Nullable Integer port,
    @Nullable Expect expect,
    @Rule.Span(min = "10ms") @Nullable Duration interval,
    @Rule.Span(min = "10ms") @Nullable Duration fastInterval,
    @Rule.Span(min = "10ms") @Nullable Duration downInterval,
    @Rule.Span(max = "1h") @Nullable Duration timeout,
    @Rule.Whole(min = 1, max = 100) @Nullable Integer fall,
    @Rule.Whole(min = 1, max = 100) @Nullable Integer rise) {

  enum Type {
    HTTP,
    TCP
  }

  record Expect(
      @Nullable String status,
      @Rule.Text(TextForm.NOT_EMPTY) @Nullable String body,
      @Rule.Text(TextForm.EXPRESSION) @Nullable String bodyRegex,
      @Nullable ExpectHeader header) {}

  record ExpectHeader(
      @Rule.Required("the name of a header") @Rule.Text(TextForm.TOKEN) @Nullable String name,
      @Rule.Text(TextForm.NOT_EMPTY) @Nullable String contains) {}
}
