package dev.understudy.proxy.gateway;

import static dev.understudy.proxy.http.RequestIds.isWellFormed;

import io.netty.handler.codec.http.HttpHeaders;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;

/** Request ids of local responses that do not come from the engine, by the engine's rule. */
final class LaneRequestIds {
  private LaneRequestIds() {}

  /**
   * Returns the client's {@code X-Request-Id} if it is at most 128 of {@code [A-Za-z0-9._-]},
   * otherwise a new one.
   */
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
