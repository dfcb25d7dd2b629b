package dev.understudy.telemetry;

import dev.understudy.agreement.AgreementStatus;
import dev.understudy.monitor.Event;
import dev.understudy.monitor.EventLog;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * The meters of the agreement between replicas; a standalone replica has none. Their Prometheus
 * names are part of the public surface:
 *
 * <ul>
 *   <li>{@code understudy_agreement_in_touch}: 1 or 0
 *   <li>{@code understudy_agreement_voters}: replicas whose votes count, in this replica's view
 *   <li>{@code understudy_agreement_decision_seconds}: from the moment this replica found a switch
 *       necessary to the moment it followed the switch
 *   <li>{@code understudy_agreement_conflicts_total}: writes that lost against another replica's
 *   <li>{@code understudy_agreement_config_skew}: replicas whose votes count and whose file differs
 *       from this one's
 * </ul>
 */
public final class AgreementMeters {
  private final MeterRegistry registry;
  private final Supplier<AgreementStatus> status;
  private final Timer decisions;

  /** Registers all meters. */
  public AgreementMeters(MeterRegistry registry, Supplier<AgreementStatus> status) {
    this.registry = registry;
    this.status = status;
    gauge("in.touch", "Whether this replica takes part", now -> now.inTouch() ? 1 : 0);
    gauge("voters", "Replicas whose votes count", AgreementMeters::counted);
    gauge(
        "config.skew",
        "Replicas whose votes count that go by another file than this one",
        AgreementStatus::skewed);
    KeptCounter.of(registry, "understudy.agreement.conflicts", () -> status.get().conflicts())
        .description("Writes that another replica was quicker than")
        .register(registry);
    decisions =
        Buckets.DECISION
            .timer(
                "understudy.agreement.decision",
                "From when this replica saw the need for a switch to following it")
            .register(registry);
  }

  private void gauge(String name, String description, ToDoubleFunction<AgreementStatus> value) {
    Gauge.builder("understudy.agreement." + name, () -> value.applyAsDouble(status.get()))
        .description(description)
        .strongReference(true)
        .register(registry);
  }

  private static long counted(AgreementStatus status) {
    return status.voters().stream().filter(AgreementStatus.Voter::counted).count();
  }

  /** Records an event; for {@link EventLog#subscribe}. */
  public void happened(EventLog.Entry entry) {
    if (entry.event() instanceof Event.Switched switched && switched.agreeing() != null) {
      decisions.record(switched.agreeing());
    }
  }
}
