package dev.understudy.pool;

import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * A probe that sends one HTTP request (HAProxy {@code option httpchk}).
 *
 * @param method default GET
 * @param path origin-form target, query included; default {@code /status}
 * @param host the Host header; null for the server's authority
 * @param headers further headers to send
 * @param port the port to probe; empty for the server's own
 * @param content the request's body, sent as UTF-8; null for none
 */
public record HttpCheck(
    String method,
    String path,
    @Nullable String host,
    List<Header> headers,
    OptionalInt port,
    Expectation expect,
    @Nullable String content,
    @Nullable Boolean tls,
    boolean proxyProtocol)
    implements Check {
  public static final HttpCheck DEFAULT =
      new HttpCheck("GET", "/status", null, List.of(), OptionalInt.empty(), Expectation.DEFAULT);

  public HttpCheck {
    headers = List.copyOf(headers);
  }

  /** A check without a body, over a connection such as traffic has. */
  public HttpCheck(
      String method,
      String path,
      @Nullable String host,
      List<Header> headers,
      OptionalInt port,
      Expectation expect) {
    this(method, path, host, headers, port, expect, null, null, false);
  }
}
