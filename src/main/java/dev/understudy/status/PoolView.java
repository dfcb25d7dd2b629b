package dev.understudy.status;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One pool as text shows it.
 *
 * @param document an element of {@code pools} of {@code GET /api/overview}, or {@code GET
 *     /api/pools/POOL}
 */
public record PoolView(JsonValue document) {
  /** Whether a document is a pool. */
  public static boolean isIn(JsonValue document) {
    return document.at("name").text() != null && document.at("servers").isArray();
  }

  /** Its name; {@code ?} if it is not known. */
  public String name() {
    return document.at("name").text("?");
  }

  /** How it is; in maintenance if that alone degrades it. */
  public PoolCondition condition() {
    PoolCondition behind = PoolCondition.of(document.at("condition").text());
    return behind == PoolCondition.DEGRADED && maintenance().isObject()
        ? PoolCondition.MAINTENANCE
        : behind;
  }

  /** The maintenance of the pool as a whole; no object if it is in none. */
  public JsonValue maintenance() {
    return document.at("maintenance");
  }

  /** 0 for well; the higher, the worse. */
  public long severity() {
    return document.at("severity").whole();
  }

  /** Why it is not well, as one sentence; null if it is. */
  public @Nullable String cause() {
    return document.at("cause").text();
  }

  /**
   * The serving server; {@code -} if there is none, {@code (balance)} in a balance pool, {@code
   * (nobody)} or {@code (allowed)} in maintenance.
   */
  public String serving() {
    if (condition() == PoolCondition.MAINTENANCE) {
      return maintenance().at("allow").list().isEmpty() ? "(nobody)" : "(allowed)";
    }
    return document.at("mode").text("").equals("balance") && condition() != PoolCondition.NOBODY
        ? "(balance)"
        : document.at("serving").text("-");
  }

  /** Its servers, in the pool's order. */
  public List<JsonValue> servers() {
    return document.at("servers").list();
  }
}
