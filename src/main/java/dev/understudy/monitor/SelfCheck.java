package dev.understudy.monitor;

import dev.understudy.health.LocalFailure;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What speaks against this replica's own view of its servers, told as events and shown as {@link
 * Alarm}s. Used on the monitor's thread, but for {@link #alarms}.
 */
final class SelfCheck {
  /** Longest wait for the state of the process that goes into an event. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final Scheduler scheduler;
  private final EventLog events;
  private final LocalFailures failures;
  private final Supplier<CompletionStage<Vitals>> vitals;
  private volatile List<Alarm> alarms = List.of();

  SelfCheck(
      Scheduler scheduler,
      EventLog events,
      LocalFailures failures,
      Supplier<CompletionStage<Vitals>> vitals) {
    this.scheduler = scheduler;
    this.events = events;
    this.failures = failures;
    this.vitals = vitals;
  }

  /** The alarms that are on; from any thread. */
  List<Alarm> alarms() {
    return alarms;
  }

  /** Looks at everything; called on each beat of the {@link Heartbeat}. */
  void look() {
    Instant now = scheduler.now();
    for (LocalFailures.Episode each : failures.look(now)) {
      if (each.over()) {
        events.add(EventText.resourceAvailable(each));
      } else {
        tell(state -> EventText.resourceExhausted(each.resource(), state));
      }
    }
    if (!alarms.isEmpty() || !failures.running().isEmpty()) {
      List<Alarm> next = new ArrayList<>();
      failures.running().forEach(each -> next.add(alarm(each)));
      alarms = List.copyOf(next);
    }
  }

  private static Alarm alarm(LocalFailures.Episode episode) {
    LocalFailure resource = episode.resource();
    String message = EventText.exhausted(resource) + ": " + episode.failures() + " failures so far";
    return new Alarm(Alarm.Kind.LOCAL_FAILURE, episode.begun(), message, List.of(), List.of());
  }

  /** Adds an event once the state of this process is known, or cannot be. */
  private void tell(Function<@Nullable Vitals, Event> event) {
    CompletableFuture<@Nullable Vitals> known = new CompletableFuture<>();
    scheduler.schedule(PATIENCE, () -> known.complete(null));
    var unused = known.thenAccept(state -> events.add(event.apply(state)));
    var unusedRead =
        vitals
            .get()
            .whenComplete((state, failure) -> scheduler.execute(() -> known.complete(state)));
  }
}
