package dev.understudy.config;

import dev.understudy.pool.AgentCheck;
import dev.understudy.pool.CheckConnection;
import dev.understudy.pool.DatabaseRole;
import dev.understudy.pool.ExpectedHeader;
import dev.understudy.pool.Setting.Default;
import dev.understudy.pool.Setting.Entries;
import dev.understudy.pool.Setting.Inline;
import dev.understudy.pool.Setting.OneOrMore;
import dev.understudy.pool.Setting.Span;
import dev.understudy.pool.Setting.Text;
import dev.understudy.pool.Setting.Unset;
import dev.understudy.pool.Setting.Values;
import dev.understudy.pool.Setting.Whole;
import dev.understudy.pool.TextFormat;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A pool's {@code health} as written; null stands for an absent key.
 *
 * @param type {@code http}: one request. {@code tcp}: a connection, with https servers the TLS
 *     handshake, and [steps](checks.md#tcp-checks) if there are any. {@code grpc}: a call of the
 *     server's [health service](checks.md#grpc-checks). {@code extension}: a [check of your
 *     own](extensions.md#a-check-of-your-own). The others: the beginning of a [database
 *     session](checks.md#database-checks).
 * @param path Request target, with its query. For {@code http} only, as are {@code method}, {@code
 *     host} (also for {@code grpc}), {@code headers} and {@code content}.
 * @param method Method of the request.
 * @param host The {@code Host} field; with {@code grpc}, {@code :authority}.
 * @param headers Further header fields, name: value, except {@code Host}, {@code Connection},
 *     {@code Content-Length}, {@code Transfer-Encoding}, {@code Upgrade} and {@code TE}. Values are
 *     never shown.
 * @param expect For {@code http} and {@code tcp}: what a good response looks like; a map, or a list
 *     of 1 to 16 maps.
 * @param interval Between probes while nothing changes, jittered by ±10 %.
 * @param fastInterval Between probes while a change is pending or a server is suspected. After a
 *     probe that was refused or broken off, a tenth of it. If it is unset and {@code interval} is
 *     shorter, {@code interval} counts.
 * @param downInterval Between probes of a server that is DOWN.
 * @param timeout For one probe, from its start to the end of its response. It may exceed the
 *     intervals.
 * @param fall Bad observations in a row until a server is DOWN.
 * @param rise Good probes in a row until a server is UP.
 * @param content The request's body.
 * @param send For {@code tcp}: text to send before {@code expect}.
 * @param steps For {@code tcp}: [steps](checks.md#tcp-checks) in order, in place of {@code send}
 *     and {@code expect}.
 * @param user For {@code postgresql}, which requires it, {@code redis} and {@code mysql}: the user
 *     of the [session](checks.md#database-checks).
 * @param password For {@code postgresql}, {@code redis} and {@code mysql}: the user's password.
 *     Never shown.
 * @param database For {@code postgresql}.
 * @param role For {@code postgresql}, {@code redis} and {@code mysql}. {@code primary}: the server
 *     must take writes. {@code synced}, {@code synced-or-donor}: for {@code mysql}, the state of a
 *     [node of Galera](checks.md#nodes-of-galera).
 * @param agent An [agent](checks.md#agents) beside each server, which is asked in addition to
 *     probes.
 * @param service For {@code grpc}: the service whose health is asked for.
 * @param name For {@code extension}, which requires it: the
 *     [check](extensions.md#a-check-of-your-own).
 * @param arguments For {@code extension}: what the check gets, name: value. Values are never shown.
 */
record RawHealth(
    @Unset("`http`, with `tcp` servers `tcp`") @Nullable Type type,
    @Default("/status") @Text(TextFormat.TARGET) String path,
    @Default("GET") @Text(TextFormat.METHOD) String method,
    @Unset("the server's own") @Text(TextFormat.AUTHORITY) @Nullable String host,
    @Entries(max = 32, keys = TextFormat.TOKEN) @Nullable Map<String, String> headers,
    @Inline CheckConnection connection,
    @OneOrMore(max = 16) @Default Expect expect,
    @Default("2s") @Span(min = "10ms") Duration interval,
    @Values("at most `interval`") @Default("250ms") @Span(min = "10ms") Duration fastInterval,
    @Default("1s") @Span(min = "10ms") Duration downInterval,
    @Default("1s") @Span(max = "1h") Duration timeout,
    @Default("3") @Whole(min = 1, max = 100) int fall,
    @Default("2") @Whole(min = 1, max = 100) int rise,
    @Unset("none") @Text(TextFormat.NOT_EMPTY) @Nullable String content,
    @Unset("nothing") @Text(TextFormat.NOT_EMPTY) @Nullable String send,
    @Unset("none") @Entries(max = 32) @Nullable List<TcpStep> steps,
    @Unset("none") @Text(TextFormat.NAME) @Nullable String user,
    @Unset("none") @Text(TextFormat.NOT_EMPTY) @Nullable String password,
    @Unset("the one with the user's name") @Text(TextFormat.NAME) @Nullable String database,
    @Default("any") DatabaseRole role,
    @Unset("off") @Nullable AgentCheck agent,
    @Unset("the server as a whole") @Text(TextFormat.NAME) @Nullable String service,
    @Unset("none") @Text(TextFormat.NAME) @Nullable String name,
    @Entries(max = 32, keys = TextFormat.TOKEN) @Nullable Map<String, String> arguments) {

  enum Type {
    HTTP,
    TCP,
    POSTGRESQL,
    REDIS,
    MYSQL,
    GRPC,
    EXTENSION
  }

  /**
   * One step of a check of type {@code tcp}: one of its settings.
   *
   * @param send Text to send. What was received before it no longer counts.
   * @param sendHex Bytes to send, likewise.
   * @param expect What must come, as {@code expect} of type {@code tcp} above.
   */
  record TcpStep(
      @Unset @Text(TextFormat.NOT_EMPTY) @Nullable String send,
      @Unset @Text(TextFormat.HEX) @Nullable String sendHex,
      @Unset("off") @Nullable StepExpect expect) {}

  /**
   * What must come, in a step.
   *
   * @param text Text that is received.
   * @param textRegex Expression that is found.
   * @param hex Bytes that are received.
   * @param minBytes Number of bytes after which a text that was not found counts as missing.
   * @param not What must not come.
   */
  record StepExpect(
      @Unset @Text(TextFormat.NOT_EMPTY) @Nullable String text,
      @Unset @Text(TextFormat.EXPRESSION) @Nullable String textRegex,
      @Unset @Text(TextFormat.HEX) @Nullable String hex,
      @Unset("at the connection's end") @Whole(min = 1, max = 16_384) @Nullable Integer minBytes,
      @Unset("off") @Nullable StepNot not)
      implements Received {}

  /**
   * What must not come, in a step.
   *
   * @param text Text that must not be received.
   * @param textRegex Expression that must not match.
   * @param hex Bytes that must not be received.
   */
  record StepNot(
      @Unset @Text(TextFormat.NOT_EMPTY) @Nullable String text,
      @Unset @Text(TextFormat.EXPRESSION) @Nullable String textRegex,
      @Unset @Text(TextFormat.HEX) @Nullable String hex)
      implements Received {}

  /** Bytes that must come, or must not: one of these. */
  sealed interface Received {
    @Nullable String text();

    @Nullable String textRegex();

    @Nullable String hex();
  }

  /**
   * What a good response looks like.
   *
   * @param status Good statuses.
   * @param body Text that the body contains.
   * @param bodyRegex Expression that is found in the body.
   * @param header A header field that must be present.
   * @param not What a good response must not have. Any match makes it bad.
   * @param text Text that is received. For {@code tcp} only, as are {@code text-regex}, {@code hex}
   *     and {@code min-bytes}. One of {@code text}, {@code text-regex}, {@code hex} and {@code not}
   *     is set.
   * @param textRegex Expression that is found in what is received, read as UTF-8.
   * @param hex Bytes that are received.
   * @param minBytes Number of bytes after which a text that was not found counts as missing.
   */
  record Expect(
      @Unset("`200-399`") @Values("codes and ranges from 100 to 599, such as `200,204,301-308`")
          @Nullable String status,
      @Unset("any") @Text(TextFormat.NOT_EMPTY) @Nullable String body,
      @Unset("any") @Text(TextFormat.EXPRESSION) @Nullable String bodyRegex,
      @Unset("off") @Nullable ExpectedHeader header,
      @Unset("off") @Nullable ExpectNot not,
      @Unset @Text(TextFormat.NOT_EMPTY) @Nullable String text,
      @Unset @Text(TextFormat.EXPRESSION) @Nullable String textRegex,
      @Unset @Text(TextFormat.HEX) @Nullable String hex,
      @Unset("at the connection's end") @Whole(min = 1, max = 16_384) @Nullable Integer minBytes)
      implements Received {}

  /**
   * What a good response does not look like.
   *
   * @param status Statuses that are bad.
   * @param body Text that must not be in the body.
   * @param bodyRegex Expression that must not match in the body.
   * @param header A header field that must be absent, or must not contain that text.
   * @param text Text that must not be received.
   * @param textRegex Expression that must not match.
   * @param hex Bytes that must not be received.
   */
  record ExpectNot(
      @Unset @Values("codes and ranges") @Nullable String status,
      @Unset @Text(TextFormat.NOT_EMPTY) @Nullable String body,
      @Unset @Text(TextFormat.EXPRESSION) @Nullable String bodyRegex,
      @Unset("off") @Nullable ExpectedHeader header,
      @Unset @Text(TextFormat.NOT_EMPTY) @Nullable String text,
      @Unset @Text(TextFormat.EXPRESSION) @Nullable String textRegex,
      @Unset @Text(TextFormat.HEX) @Nullable String hex)
      implements Received {}
}
