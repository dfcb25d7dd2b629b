package dev.understudy.config;

import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A pool's {@code health} as written; null stands for an absent key. */
record RawHealth(
    @Nullable Type type,
    @Constraint.Text(TextForm.TARGET) @Nullable String path,
    @Constraint.Text(TextForm.METHOD) @Nullable String method,
    @Constraint.Text(TextForm.AUTHORITY) @Nullable String host,
    @Constraint.Entries(max = 32, keys = TextForm.TOKEN) @Nullable Map<String, String> headers,
    @Constraint.Whole(min = 1, max = 65_535) @Nullable Integer port,
    @Nullable Expect expect,
    @Constraint.Span(min = "10ms") @Nullable Duration interval,
    @Constraint.Span(min = "10ms") @Nullable Duration fastInterval,
    @Constraint.Span(min = "10ms") @Nullable Duration downInterval,
    @Constraint.Span(max = "1h") @Nullable Duration timeout,
    @Constraint.Whole(min = 1, max = 100) @Nullable Integer fall,
    @Constraint.Whole(min = 1, max = 100) @Nullable Integer rise) {

  enum Type {
    HTTP,
    TCP
  }

  record Expect(
      @Nullable String status,
      @Constraint.Text(TextForm.NOT_EMPTY) @Nullable String body,
      @Constraint.Text(TextForm.EXPRESSION) @Nullable String bodyRegex,
      @Nullable ExpectHeader header) {}

  record ExpectHeader(
      @Constraint.Required("the name of a header") @Constraint.Text(TextForm.TOKEN)
          @Nullable String name,
      @Constraint.Text(TextForm.NOT_EMPTY) @Nullable String contains) {}
}
