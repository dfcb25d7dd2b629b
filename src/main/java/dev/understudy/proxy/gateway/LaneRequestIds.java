package dev.understudy.proxy.gateway;

import static dev.understudy.proxy.http.RequestIds.isWellFormed;

import io.netty.handler.codec.http.HttpHeaders;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;

/** {@code X-Request-Id} of responses that no engine made, by the engine's rule. */
final class LaneRequestIds {
  private LaneRequestIds() {}

  /** The client's, if it is at most 128 of {@code [A-Za-z0-9._-]}, else a new one. */
  static String of(HttpHeaders headers) {
    String given = headers.get("x-request-id");
    if (given != null && isWellFormed(given)) {
      return given;
    }
    ThreadLocalRandom random = ThreadLocalRandom.current();
    HexFormat hex = HexFormat.of();
    return hex.toHexDigits(random.nextLong()) + hex.toHexDigits(random.nextLong());
  }
}
