package dev.understudy.pool;

import dev.understudy.pool.Setting.Inline;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A probe that sends one HTTP request (HAProxy {@code option httpchk}).
 *
 * @param method default GET
 * @param path origin-form target, query included; default {@code /status}
 * @param host the Host header; null for the server's authority
 * @param headers further headers to send
 * @param content the request's body, sent as UTF-8; null for none
 */
public record HttpCheck(
    String method,
    String path,
    @Nullable String host,
    List<Header> headers,
    Expectation expect,
    @Nullable String content,
    @Inline CheckConnection connection)
    implements Check {
  public static final HttpCheck DEFAULT =
      new HttpCheck(
          "GET", "/status", null, List.of(), Expectation.DEFAULT, null, CheckConnection.DEFAULT);

  public HttpCheck {
    headers = List.copyOf(headers);
  }
}
