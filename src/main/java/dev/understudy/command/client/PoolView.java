package dev.understudy.command.client;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One pool as the commands show it.
 *
 * @param document an element of {@code pools} of {@code GET /api/overview} or {@code GET
 *     /api/pools}
 * @param severity 0 for well; the higher, the worse
 * @param cause why it is not well, as one sentence; null if it is, or if nobody knows
 */
record PoolView(JsonValue document, PoolCondition condition, int severity, @Nullable String cause) {

  /** Reads a pool; judges by {@link PoolCause} if the document does not say how the pool is. */
  static PoolView of(JsonValue document) {
    PoolCondition told = PoolCondition.of(document.at("condition").text());
    if (told != null) {
      Double severity = document.at("severity").number();
      return new PoolView(
          document,
          told,
          severity == null ? told.exitStatus() : severity.intValue(),
          document.at("cause").text());
    }
    PoolCondition judged = PoolCause.condition(document);
    String cause = judged == PoolCondition.WELL ? null : PoolCause.of(document);
    return new PoolView(document, judged, judged.exitStatus(), cause);
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
