package dev.understudy.command.client;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request that is sent to two proxies.
 *
 * @param line where it begins in the file of requests, from 1
 * @param target in origin form, as it goes on the wire
 * @param host the value of {@code Host}; null: the command's
 * @param fields further header fields, each {@code Name: value}
 * @param body often empty
 */
record ComparedRequest(
    int line,
    String method,
    String target,
    @Nullable String host,
    List<String> fields,
    String body) {
  private static final List<String> SAFE = List.of("GET", "HEAD", "OPTIONS");

  ComparedRequest {
    fields = List.copyOf(fields);
  }

  /** Whether its method changes nothing (RFC 9110 §9.2.1). */
  boolean isSafe() {
    return SAFE.contains(method);
  }

  /** The same for all lines of the file on which it stands. */
  ComparedRequest anywhere() {
    return new ComparedRequest(0, method, target, host, fields, body);
  }
}
