package dev.understudy.command.client;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One pool as the commands show it.
 *
 * @param document an element of {@code pools} of {@code GET /api/overview}, or {@code GET
 *     /api/pools/POOL}
 */
record PoolView(JsonValue document) {
  /** Whether a document is a pool. */
  static boolean isIn(JsonValue document) {
    return document.at("name").text() != null && document.at("servers").isArray();
  }

  String name() {
    return document.at("name").text("?");
  }

  PoolCondition condition() {
    PoolCondition behind = PoolCondition.of(document.at("condition").text());
    return behind == PoolCondition.DEGRADED && maintenance().isObject()
        ? PoolCondition.MAINTENANCE
        : behind;
  }

  /** The maintenance of the pool as a whole; no object if it is in none. */
  JsonValue maintenance() {
    return document.at("maintenance");
  }

  /** 0 for well; the higher, the worse. */
  long severity() {
    return document.at("severity").whole();
  }

  /** Why it is not well, as one sentence; null if it is. */
  @Nullable String cause() {
    return document.at("cause").text();
  }

  /**
   * The serving server; {@code -} if there is none, {@code (balance)} in a balance pool, {@code
   * (nobody)} or {@code (allowed)} in maintenance.
   */
  String serving() {
    if (condition() == PoolCondition.MAINTENANCE) {
      return maintenance().at("allow").list().isEmpty() ? "(nobody)" : "(allowed)";
    }
    return document.at("mode").text("").equals("balance") && condition() != PoolCondition.NOBODY
        ? "(balance)"
        : document.at("serving").text("-");
  }

  List<JsonValue> servers() {
    return document.at("servers").list();
  }
}
