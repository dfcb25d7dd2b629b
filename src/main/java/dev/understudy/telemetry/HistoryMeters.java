package dev.understudy.telemetry;

import dev.understudy.history.HistoryStatus;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.Supplier;

/**
 * The meters of the history's file; a replica without {@code understudy.state-file} has none. Their
 * Prometheus names are part of the public surface:
 *
 * <ul>
 *   <li>{@code understudy_history_writable}: 1 or 0
 *   <li>{@code understudy_history_lost_total}: events that are in no file
 *   <li>{@code understudy_history_damaged_lines}: damaged lines found at the start
 * </ul>
 */
public final class HistoryMeters {
  private HistoryMeters() {}

  /** Registers all meters. */
  public static void register(MeterRegistry registry, Supplier<HistoryStatus> status) {
    Gauge.builder("understudy.history.writable", () -> status.get().writable() ? 1 : 0)
        .description("Whether the history of events can be written")
        .strongReference(true)
        .register(registry);
    KeptCounter.of(registry, "understudy.history.lost", () -> status.get().lost())
        .description("Events that could not be written to the history before they left memory")
        .register(registry);
    Gauge.builder("understudy.history.damaged.lines", () -> status.get().damagedLines())
        .description("Damaged lines of the history, found at the start")
        .strongReference(true)
        .register(registry);
  }
}
