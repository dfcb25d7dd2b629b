package dev.understudy.telemetry;

import dev.understudy.agreement.AgreementStatus;
import dev.understudy.event.Alarm;
import dev.understudy.event.Event;
import dev.understudy.event.EventLog;
import dev.understudy.health.LocalFailure;
import dev.understudy.history.HistoryStatus;
import dev.understudy.text.Words;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/**
 * The meters of this replica's own state. Their Prometheus names are part of the public surface:
 *
 * <ul>
 *   <li>{@code understudy_agreement_in_touch}: 1 or 0
 *   <li>{@code understudy_agreement_voters}: replicas whose votes count, in this replica's view
 *   <li>{@code understudy_agreement_decision_seconds}: from the moment this replica found a switch
 *       necessary to the moment it followed the switch
 *   <li>{@code understudy_agreement_conflicts_total}: writes that lost against another replica's
 *   <li>{@code understudy_agreement_config_skew}: replicas whose votes count and whose file differs
 *       from this one's
 *   <li>{@code understudy_history_writable}: 1 or 0
 *   <li>{@code understudy_history_lost_total}: events that are in no file
 *   <li>{@code understudy_history_damaged_lines}: damaged lines found at the start
 *   <li>{@code understudy_local_failures_total} {resource}
 *   <li>{@code understudy_mass_failure}: 1 or 0
 *   <li>{@code understudy_state_unwritten}: 1 or 0
 *   <li>{@code understudy_checks_stretch}: 1 to 2.5
 *   <li>{@code understudy_notifications_total} {receiver, outcome}; {@code
 *       understudy_notifications_waiting} {receiver}
 * </ul>
 */
public final class ReplicaMeters {
  private final MeterGroup meters;

  public ReplicaMeters(MeterRegistry registry) {
    meters = new MeterGroup(registry);
  }

  /**
   * Registers the meters of the agreement between replicas; a standalone replica has none.
   *
   * @return is told of each event; for {@link EventLog#subscribe}
   */
  public Consumer<EventLog.Entry> agreement(Supplier<AgreementStatus> status) {
    agreement(
        "in.touch",
        "Whether this replica takes part in the agreement",
        status,
        now -> now.inTouch() ? 1 : 0);
    agreement("voters", "Replicas whose votes count", status, ReplicaMeters::counted);
    agreement(
        "config.skew",
        "Replicas whose votes count and whose file differs from the one of this replica",
        status,
        AgreementStatus::skewed);
    meters.count(
        "understudy.agreement.conflicts",
        "Writes that failed because another replica had written first",
        () -> status.get().conflicts());
    Timer decisions =
        meters.timer(
            Buckets.DECISION.timer(
                "understudy.agreement.decision",
                "Time from the moment this replica saw the need for a switch until it followed the"
                    + " switch"));
    return entry -> {
      if (entry.event() instanceof Event.Switched switched && switched.agreeing() != null) {
        decisions.record(switched.agreeing());
      }
    };
  }

  private void agreement(
      String name,
      String help,
      Supplier<AgreementStatus> status,
      ToDoubleFunction<AgreementStatus> value) {
    meters.gauge("understudy.agreement." + name, help, () -> value.applyAsDouble(status.get()));
  }

  private static long counted(AgreementStatus status) {
    return status.voters().stream().filter(AgreementStatus.Voter::counted).count();
  }

  /** Registers the meters of the history's file; without {@code state-file} there are none. */
  public void history(Supplier<HistoryStatus> status) {
    meters.gauge(
        "understudy.history.writable",
        "Whether the history of events can be written",
        () -> status.get().writable() ? 1 : 0);
    meters.count(
        "understudy.history.lost",
        "Events that could not be written to the history before they left memory",
        () -> status.get().lost());
    meters.gauge(
        "understudy.history.damaged.lines",
        "Damaged lines of the history that were found at the start",
        () -> status.get().damagedLines());
  }

  /**
   * Registers the meters of bytes that wait for clients to read.
   *
   * @param held supplies how many bytes wait
   * @param most how many may
   */
  public void clientMemory(LongSupplier held, long most) {
    meters.gauge(
        "understudy.client.memory.bytes",
        "Bytes that wait for clients or their servers, as far as a connection holds 4 KB or more",
        held::getAsLong);
    meters.gauge(
        "understudy.client.memory.max.bytes",
        "Most bytes that may wait for clients or their servers",
        () -> most);
  }

  /**
   * Registers the meters of what speaks against this replica's own view of its servers, and against
   * what it remembers.
   *
   * @param failures the number of failures for want of a resource, since the start
   */
  public void selfCheck(ToLongFunction<LocalFailure> failures, Supplier<List<Alarm>> alarms) {
    for (LocalFailure each : LocalFailure.values()) {
      meters.count(
          "understudy.local.failures",
          "Failures because a resource of this machine was used up",
          () -> failures.applyAsLong(each),
          "resource",
          Words.lower(each));
    }
    meters.gauge(
        "understudy.mass.failure",
        "Whether most servers failed within seconds",
        () -> isOn(Alarm.Kind.MASS_FAILURE, alarms.get()) ? 1 : 0);
    meters.gauge(
        "understudy.state.unwritten",
        "Whether what was decided and set is in memory only, as the state file cannot be written",
        () -> isOn(Alarm.Kind.STATE_UNWRITTEN, alarms.get()) ? 1 : 0);
  }

  /** Registers the meter of the factor by which intervals of checks are longer than configured. */
  public void checks(DoubleSupplier stretch) {
    meters.gauge(
        "understudy.checks.stretch",
        "By what factor intervals of checks are longer than configured, for want of CPU",
        stretch);
  }

  /**
   * Registers the meters of a receiver of notifications.
   *
   * @param outcomes the number of notifications since the start, by outcome
   */
  public void receiver(String name, DoubleSupplier waiting, Map<String, DoubleSupplier> outcomes) {
    meters.gauge(
        "understudy.notifications.waiting",
        "Notifications that are not delivered yet",
        waiting,
        "receiver",
        name);
    outcomes.forEach(
        (outcome, count) ->
            meters.count(
                "understudy.notifications",
                "Notifications that were delivered, refused for good, or dropped from a full queue",
                count,
                "receiver",
                name,
                "outcome",
                outcome));
  }

  private static boolean isOn(Alarm.Kind kind, List<Alarm> alarms) {
    return alarms.stream().anyMatch(alarm -> alarm.kind() == kind);
  }
}
