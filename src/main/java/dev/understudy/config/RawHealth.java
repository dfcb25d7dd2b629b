package dev.understudy.config;

import dev.understudy.pool.DatabaseRole;
import java.time.Duration;
import java.util.List;
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
    @Constraint.OneOrMore(max = 16) @Nullable Expect expect,
    @Constraint.Span(min = "10ms") @Nullable Duration interval,
    @Constraint.Span(min = "10ms") @Nullable Duration fastInterval,
    @Constraint.Span(min = "10ms") @Nullable Duration downInterval,
    @Constraint.Span(max = "1h") @Nullable Duration timeout,
    @Constraint.Whole(min = 1, max = 100) @Nullable Integer fall,
    @Constraint.Whole(min = 1, max = 100) @Nullable Integer rise,
    @Constraint.Text(TextForm.NOT_EMPTY) @Nullable String content,
    @Nullable Boolean tls,
    @Nullable Boolean proxyProtocol,
    @Constraint.Text(TextForm.NOT_EMPTY) @Nullable String send,
    @Constraint.Entries(max = 32) @Nullable List<Step> steps,
    @Constraint.Text(TextForm.NAME) @Nullable String user,
    @Constraint.Text(TextForm.NOT_EMPTY) @Nullable String password,
    @Constraint.Text(TextForm.NAME) @Nullable String database,
    @Nullable DatabaseRole role,
    @Nullable Agent agent,
    @Constraint.Text(TextForm.NAME) @Nullable String service) {

  enum Type {
    HTTP,
    TCP,
    POSTGRESQL,
    REDIS,
    MYSQL,
    GRPC
  }

  record Agent(
      @Constraint.Required("the agent's port") @Constraint.Whole(min = 1, max = 65_535)
          @Nullable Integer port,
      @Constraint.Text(TextForm.HOST) @Nullable String host,
      @Constraint.Span(min = "10ms") @Nullable Duration interval,
      @Constraint.Text(TextForm.NOT_EMPTY) @Nullable String send) {}

  record Step(
      @Constraint.Text(TextForm.NOT_EMPTY) @Nullable String send,
      @Constraint.Text(TextForm.HEX) @Nullable String sendHex,
      @Nullable StepExpect expect) {}

  record StepExpect(
      @Constraint.Text(TextForm.NOT_EMPTY) @Nullable String text,
      @Constraint.Text(TextForm.EXPRESSION) @Nullable String textRegex,
      @Constraint.Text(TextForm.HEX) @Nullable String hex,
      @Constraint.Whole(min = 1, max = 16_384) @Nullable Integer minBytes,
      @Nullable StepNot not) {}

  record StepNot(
      @Constraint.Text(TextForm.NOT_EMPTY) @Nullable String text,
      @Constraint.Text(TextForm.EXPRESSION) @Nullable String textRegex,
      @Constraint.Text(TextForm.HEX) @Nullable String hex) {}

  record Expect(
      @Nullable String status,
      @Constraint.Text(TextForm.NOT_EMPTY) @Nullable String body,
      @Constraint.Text(TextForm.EXPRESSION) @Nullable String bodyRegex,
      @Nullable ExpectHeader header,
      @Nullable ExpectNot not,
      @Constraint.Text(TextForm.NOT_EMPTY) @Nullable String text,
      @Constraint.Text(TextForm.EXPRESSION) @Nullable String textRegex,
      @Constraint.Text(TextForm.HEX) @Nullable String hex,
      @Constraint.Whole(min = 1, max = 16_384) @Nullable Integer minBytes) {}

  record ExpectNot(
      @Nullable String status,
      @Constraint.Text(TextForm.NOT_EMPTY) @Nullable String body,
      @Constraint.Text(TextForm.EXPRESSION) @Nullable String bodyRegex,
      @Nullable ExpectHeader header,
      @Constraint.Text(TextForm.NOT_EMPTY) @Nullable String text,
      @Constraint.Text(TextForm.EXPRESSION) @Nullable String textRegex,
      @Constraint.Text(TextForm.HEX) @Nullable String hex) {}

  record ExpectHeader(
      @Constraint.Required("the name of a header") @Constraint.Text(TextForm.TOKEN)
          @Nullable String name,
      @Constraint.Text(TextForm.NOT_EMPTY) @Nullable String contains) {}
}
