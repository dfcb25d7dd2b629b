package dev.understudy.monitor;

import dev.understudy.pool.Operator;
import dev.understudy.text.Words;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The parts of events by the names that they have in the API and in structured logs. */
public final class EventParts {
  private EventParts() {}

  /** The parts beside pool and message, in order; a value is null if the event has none. */
  public static Map<String, @Nullable Object> of(Event event) {
    Map<String, @Nullable Object> parts = new LinkedHashMap<>();
    switch (event) {
      case Event.Switched e -> {
        parts.put("from", e.from());
        parts.put("to", e.to());
        parts.put("reason", e.reason());
        parts.put("epoch", e.epoch());
        parts.put("evidence", e.evidence());
        parts.put("decidedBy", e.decidedBy());
        parts.put("tookMillis", e.took());
        put(parts, e.operator());
      }
      case Event.FailbackAwaited e -> {
        parts.put("serving", e.serving());
        parts.put("better", e.better());
        parts.put("due", e.due());
        parts.put("heldBy", e.heldBy());
      }
      case Event.Pinned e -> {
        parts.put("server", e.server());
        put(parts, e.operator());
      }
      case Event.Kept e -> {
        parts.put("serving", e.serving());
        parts.put("epoch", e.epoch());
        parts.put("evidence", e.evidence());
      }
      case Event.TwoPrimaries e -> {
        parts.put("serving", e.serving());
        parts.put("server", e.server());
        parts.put("since", e.since());
        parts.put("over", e.over());
      }
      case Event.ServesDown e -> {
        parts.put("server", e.server());
        parts.put("evidence", e.evidence());
      }
      case Event.NobodyServes e -> parts.put("evidence", e.evidence());
      case Event.HealthChanged e -> {
        parts.put("server", e.server());
        parts.put("from", e.from());
        parts.put("to", e.to());
        parts.put("count", e.count());
        parts.put("evidence", e.evidence());
      }
      case Event.ResourceExhausted e -> {
        parts.put("resource", Words.lower(e.resource()));
        parts.put("over", e.over());
        parts.put("failures", e.failures());
      }
      case Event.FailedTogether e -> {
        parts.put("over", e.over());
        parts.put("failed", e.failed());
        parts.put("servers", e.servers());
        parts.put("causes", e.causes());
        parts.put("hosts", e.hosts());
      }
      case Event.CircuitChanged e -> {
        parts.put("server", e.server());
        parts.put("open", e.open());
      }
      case Event.OperatorStateChanged e -> {
        parts.put("server", e.server());
        parts.put("from", e.from());
        parts.put("to", e.to());
        put(parts, e.operator());
      }
      case Event.LogLevelChanged e -> {
        parts.put("logger", e.logger());
        parts.put("from", e.from());
        parts.put("to", e.to());
        put(parts, e.operator());
      }
      case Event.ConfigurationApplied e -> {
        parts.put("file", e.file());
        parts.put("warnings", e.warnings());
        parts.put("changes", e.changes());
        parts.put("removedPools", e.removedPools());
      }
      case Event.ConfigurationRejected e -> {
        parts.put("file", e.file());
        parts.put("problems", e.problems());
      }
      case Event.Started e -> {
        parts.put("version", e.version());
        parts.put("file", e.file());
        parts.put("lastEnd", e.lastEnd());
        parts.put("lastAlive", e.lastAlive());
      }
      case Event.Stopped e -> {}
    }
    return parts;
  }

  private static void put(Map<String, @Nullable Object> parts, @Nullable Operator operator) {
    parts.put("operator", operator == null ? null : operator.name());
    parts.put("operatorReason", operator == null ? null : operator.reason());
  }
}
