package dev.understudy.monitor;

import dev.understudy.event.Alarm;
import dev.understudy.event.EventLog;
import dev.understudy.event.Vitals;
import dev.understudy.health.LocalFailure;
import dev.understudy.pool.MassFailurePolicy;
import dev.understudy.snapshot.CheckAges;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What speaks against this replica's own view of its servers: resources of its machine that are
 * used up, {@link LateChecks}, and a {@link MassFailure}. Told as events and shown as {@link
 * Alarm}s. Used on the monitor's thread, but for {@link #alarms}.
 */
final class SelfCheck {
  /** Longest wait for the state of the process that goes into an event. */
  private static final Duration LONGEST_READ = Duration.ofSeconds(2);

  /** The same while this process gets too little CPU. */
  private static final Duration LONGEST_SLOW_READ = Duration.ofSeconds(10);

  /**
   * Time without another server that fails, after which a mass failure is counted and reported:
   * more than the usual interval of probes.
   */
  private static final Duration SETTLED = Duration.ofSeconds(3);

  /** Time between two looks at the ages of checks. */
  private static final Duration CHECKS = Duration.ofSeconds(1);

  private final Scheduler scheduler;
  private final EventLog events;
  private final LocalFailures failures;
  private final PauseDetector pauseDetector;
  private final MassFailurePolicy doubt;
  private final Supplier<CompletionStage<Vitals>> vitals;
  private Supplier<List<MassFailure.ObservedServer>> servers = List::of;
  private Supplier<CheckAges> checks = () -> CheckAges.NONE;
  private Runnable othersDoubted = () -> {};
  private @Nullable MassFailure mass;

  /** The state of this process when the mass failure began; null if it is not known. */
  private @Nullable Vitals massState;

  /** When the mass failure was found. */
  private Instant massFound = Instant.EPOCH;

  /** Whether the health of a server has changed since all were looked at. */
  private boolean changed;

  private LateChecks late = LateChecks.NONE;
  private CheckAges ages = CheckAges.NONE;
  private Instant checksSeen = Instant.EPOCH;
  private int mostDown;
  private boolean massAnnounced;
  private volatile List<Alarm> alarms = List.of();

  SelfCheck(
      Scheduler scheduler,
      EventLog events,
      LocalFailures failures,
      PauseDetector pauseDetector,
      MassFailurePolicy doubt,
      Supplier<CompletionStage<Vitals>> vitals) {
    this.scheduler = scheduler;
    this.events = events;
    this.failures = failures;
    this.pauseDetector = pauseDetector;
    this.doubt = doubt;
    this.vitals = vitals;
  }

  /**
   * Begins to judge the servers of all pools.
   *
   * @param seen what is seen of each now
   * @param checked how old their newest checks are
   * @param then called when other servers are kept in use than before
   */
  void watch(
      Supplier<List<MassFailure.ObservedServer>> seen, Supplier<CheckAges> checked, Runnable then) {
    servers = seen;
    checks = checked;
    othersDoubted = then;
  }

  /** The alarms that are on; from any thread. */
  List<Alarm> alarms() {
    return alarms;
  }

  /** Whether servers that fail now stay in use. */
  boolean isKeeping() {
    return doubt == MassFailurePolicy.KEEP && mass != null;
  }

  /** Whether that server stays in use although it is DOWN. */
  boolean keeps(MassFailure.ObservedServer server) {
    MassFailure now = mass;
    return doubt == MassFailurePolicy.KEEP && now != null && now.doubts(server);
  }

  /**
   * A server came up or failed. All are looked at with the next beat, as they may be thousands that
   * change at once; now only if the choice that follows depends on it.
   */
  void healthChanged(boolean failed) {
    changed = true;
    if (doubt == MassFailurePolicy.KEEP && (failed || mass != null)) {
      lookForMassFailure();
    }
  }

  private void lookForMassFailure() {
    changed = false;
    MassFailure before = mass;
    MassFailure next = MassFailure.judge(servers.get(), before, scheduler.now());
    mass = next;
    if (next == null && before == null) {
      return;
    }
    if (before == null) {
      massFound = scheduler.now();
      massState = null;
      massAnnounced = false;
      mostDown = 0;
      readVitals(LONGEST_READ, state -> massState = state);
    }
    mostDown = Math.max(mostDown, next == null ? 0 : next.down());
    if (next == null && before != null) {
      announceMassFailure(before);
      events.add(SelfCheckText.servedTogetherAgain(before, scheduler.ahead()));
    }
    show();
    boolean others =
        (before == null) != (next == null)
            || (before != null && next != null && !before.hostsUp().equals(next.hostsUp()));
    if (doubt == MassFailurePolicy.KEEP && others) {
      othersDoubted.run();
    }
  }

  /** Looks at everything; called on each beat of the {@link PauseDetector}. */
  void look() {
    Instant now = scheduler.now();
    for (LocalFailures.Episode each : failures.look(now)) {
      if (each.over()) {
        events.add(SelfCheckText.resourceAvailable(each, scheduler.ahead()));
      } else {
        readVitals(
            LONGEST_READ,
            state -> events.add(SelfCheckText.resourceExhausted(each.resource(), state)));
      }
    }
    MassFailure current = mass;
    if (changed || current != null) {
      // Servers may have been removed by a new file.
      lookForMassFailure();
    }
    if (current != null) {
      boolean settled = !now.isBefore(current.newest().plus(SETTLED));
      if (settled || !now.isBefore(massFound.plus(MassFailure.WINDOW))) {
        announceMassFailure(current);
      }
    }
    lookForLateChecks(now);
    if (!alarms.isEmpty() || !failures.running().isEmpty() || late.told()) {
      show();
    }
  }

  private void lookForLateChecks(Instant now) {
    if (now.isBefore(checksSeen.plus(CHECKS))) {
      return;
    }
    checksSeen = now;
    ages = checks.get();
    LateChecks before = late;
    late = before.look(ages, now);
    if (late.told() && !before.told()) {
      CheckAges seen = ages.by(scheduler.ahead());
      double stretch = pauseDetector.stretch();
      readVitals(
          LONGEST_SLOW_READ, state -> events.add(SelfCheckText.checksLate(seen, stretch, state)));
    } else if (before.told() && !late.told()) {
      events.add(SelfCheckText.checksInTime(before, ages.servers(), scheduler.ahead()));
    }
  }

  /** Adds the one event of a mass failure. */
  private void announceMassFailure(MassFailure current) {
    if (!massAnnounced) {
      massAnnounced = true;
      events.add(SelfCheckText.failedTogether(current, mostDown, doubt, massState));
    }
  }

  private void show() {
    List<Alarm> next = new ArrayList<>();
    MassFailure current = mass;
    if (current != null) {
      next.add(
          new Alarm(
              Alarm.Kind.MASS_FAILURE,
              current.begun().plus(scheduler.ahead()),
              SelfCheckText.together(current, current.down()),
              SelfCheckText.meaning(doubt, massState),
              current.causes(),
              current.hosts()));
    }
    failures.running().forEach(each -> next.add(alarm(each)));
    if (late.told() && ages.anyLate()) {
      next.add(
          new Alarm(
              Alarm.Kind.CHECKS_LATE,
              late.begun().plus(scheduler.ahead()),
              SelfCheckText.late(ages.by(scheduler.ahead())),
              SelfCheckText.meaning(pauseDetector.stretch()),
              List.of(),
              List.of()));
    }
    if (!next.equals(alarms)) {
      alarms = List.copyOf(next);
    }
  }

  private Alarm alarm(LocalFailures.Episode episode) {
    LocalFailure resource = episode.resource();
    String message =
        SelfCheckText.exhausted(resource) + ": " + episode.failures() + " failures so far";
    return new Alarm(
        Alarm.Kind.LOCAL_FAILURE,
        episode.begun().plus(scheduler.ahead()),
        message,
        null,
        List.of(),
        List.of());
  }

  /**
   * Reads the state of this process.
   *
   * @param longest the longest wait for it
   * @param then called once with it; with null if it is not known in time
   */
  private void readVitals(Duration longest, Consumer<@Nullable Vitals> then) {
    double lag = pauseDetector.longestLag().toNanos() / 1e6;
    CompletableFuture<@Nullable Vitals> known = new CompletableFuture<>();
    scheduler.schedule(longest, () -> known.complete(null));
    var unused = known.thenAccept(state -> then.accept(state == null ? null : state.withLag(lag)));
    scheduler.whenDone(vitals.get(), (state, failure) -> known.complete(state));
  }
}
