package dev.understudy.command.client;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One pool as the commands show it.
 *
 * @param document an element of {@code pools} of {@code GET /api/overview}, or {@code GET
 *     /api/pools/POOL}
 * @param severity 0 for well; the higher, the worse
 * @param cause why it is not well, as one sentence; null if it is
 */
record PoolView(JsonValue document, PoolCondition condition, int severity, @Nullable String cause) {

  /** Reads a pool. */
  static PoolView of(JsonValue document) {
    return new PoolView(
        document,
        PoolCondition.of(document.at("condition").text()),
        (int) document.at("severity").whole(),
        document.at("cause").text());
  }

  /** Whether a document is a pool. */
  static boolean isIn(JsonValue document) {
    return document.at("name").text() != null && document.at("servers").isArray();
  }

  String name() {
    return document.at("name").text("?");
  }

  /** The serving server; {@code -} if there is none, {@code all usable} in a balance pool. */
  String serving() {
    return document.at("mode").text("").equals("balance") && condition != PoolCondition.NOBODY
        ? "(balance)"
        : document.at("serving").text("-");
  }

  List<JsonValue> servers() {
    return document.at("servers").list();
  }
}
