package dev.understudy.monitor;

import dev.understudy.health.Health;
import dev.understudy.health.Observation;
import dev.understudy.health.Observation.Traffic;
import dev.understudy.health.Observation.Trouble;
import dev.understudy.monitor.ProbedServer.Change;
import dev.understudy.monitor.ProbedServer.Connections;
import dev.understudy.monitor.ProbedServer.Moving;
import dev.understudy.pool.Pool;
import dev.understudy.pool.Server;
import dev.understudy.probe.Prober;
import dev.understudy.probe.Prober.Urgency;
import dev.understudy.recurring.Timers;
import dev.understudy.snapshot.ServerTraffic;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Carries out what {@link ProbedServer} calls for: resolves the server's names, starts probes when
 * they are due, hands over what they and live traffic observe, and tells the owner what is new.
 */
final class HealthController {
  /** The server whose health it is. */
  interface Owner {
    /** Whether a planned switch may have fenced it since then: what is bad is no failure. */
    boolean isFencedSince(Instant since);

    /**
     * The status changed, or whether the newest probe had a response, or the claim to be primary.
     */
    void judged(Health before, Health after);

    /** How far the server's data has come, of which the choice may take account. */
    void measured();

    /** A value changed that is only shown. */
    void touched();

    /** Whether connections may stay if the server's name moves, as far as its health allows it. */
    boolean mayKeepConnections();

    /**
     * The name moved to another address; {@link #judged} follows with the health there.
     *
     * @param from null if there was none
     * @param stay whether connections made to it may stay
     */
    void moved(@Nullable InetAddress from, InetAddress to, boolean stay);
  }

  private final MonitorContext context;
  private final ProbeRunner runner;
  private final Owner owner;
  private final SilenceWatch silence;
  private final ProbeHost healthHost;
  private ProbedServer server;
  private Attribution attribution = Attribution.NONE;
  private ResolvedHost resolution;

  /** When the newest urgent probe began. */
  private Instant urgent = Instant.MIN;

  private long incarnation;
  private long oldestIncarnation;
  private boolean stopped;
  private boolean silent;
  private Timers.Timer timer = () -> {};

  HealthController(
      MonitorContext context, ServerTraffic traffic, Pool pool, Server server, Owner owner) {
    this.context = context;
    this.runner = new ProbeRunner(context, pool.id());
    this.owner = owner;
    this.silence =
        new SilenceWatch(context.scheduler(), context.pauseDetector(), traffic, this::silent);
    this.server = ProbedServer.unknown(pool, server, context.now());
    anotherIncarnation(Connections.LOST);
    this.resolution = resolution(server);
    this.healthHost = new ProbeHost(context, this::plan);
  }

  /** Starts the first probe as soon as the name is resolved. */
  void start() {
    healthHost.follow(server.server().settings().healthHost());
    resolution.start();
    plan();
  }

  void stop() {
    stopped = true;
    runner.cancelOthers(List.of());
    timer.cancel();
    silence.watch(null, Duration.ZERO);
    resolution.stop();
    healthHost.stop();
  }

  /**
   * Takes new settings.
   *
   * @return whether address or TLS settings differ: then the health begins anew
   */
  boolean reconfigure(Server next, Pool pool) {
    ProbedServer before = server;
    server = before.reconfigured(pool, next, context.now());
    if (before.isAnother(pool, next)) {
      resolution.stop();
      resolution = resolution(next);
      anotherIncarnation(Connections.LOST);
      start();
      return true;
    }
    healthHost.follow(next.settings().healthHost());
    if (!server.health().equals(before.health())) {
      plan();
    }
    return false;
  }

  /** What is known of the server. */
  ProbedServer server() {
    return server;
  }

  Health health() {
    return server.health();
  }

  /** Takes over what the process before knew. */
  void take(KnownServer known) {
    server = server.known(known);
  }

  /** The address that probes connect to; null while it is not known. */
  @Nullable InetAddress probed() {
    return healthHost.or(server.address());
  }

  long incarnation() {
    return incarnation;
  }

  /** The oldest incarnation whose connections may stay. */
  long oldestIncarnation() {
    return oldestIncarnation;
  }

  private void anotherIncarnation(Connections made) {
    incarnation = context.nextIncarnation();
    oldestIncarnation = made == Connections.LOST ? incarnation : oldestIncarnation;
  }

  private ResolvedHost resolution(Server of) {
    return new ResolvedHost(of.host(), context.resolver(), context.scheduler(), this::found);
  }

  /** The name has an address, or another one; null if it has none yet. */
  private void found(@Nullable InetAddress named) {
    if (named == null) {
      withoutAddress();
      return;
    }
    Change change = server.found(named, context.now());
    take(change);
    if (change.next().where() instanceof Moving move) {
      run(move.to(), move.start(), Urgency.ROUTINE, (ended, took) -> endedThere(move, ended, took));
    }
  }

  private void withoutAddress() {
    server = server.withoutAddress();
    plan();
  }

  private void endedThere(Moving move, Observation.Probe ended, Duration took) {
    if (stopped || !move.equals(server.where())) {
      return;
    }
    Observation.Probe first = attributed(ended, took);
    if (first.outcome().isObservation()) {
      take(server.moved(move, first, took, context.now(), owner.mayKeepConnections()));
    } else {
      context.scheduler().schedule(health().settings().fastInterval(), () -> tryAgain(move));
    }
  }

  private void tryAgain(Moving move) {
    if (!stopped && move.equals(server.where())) {
      found(move.to());
    }
  }

  /** If it is DOWN, forgets why: all of that may have been a fence. */
  void judgeAnew(boolean up) {
    take(server.judgedAnew(up, context.now()));
  }

  /** Whether nothing of its machine was heard by the newest probe, whatever explains that. */
  boolean isSilent() {
    return silent;
  }

  /** Starts the next probe now or when it is due; with too many in flight, when one ends. */
  private void plan() {
    timer.cancel();
    if (stopped) {
      return;
    }
    Health health = health();
    List<Instant> inFlight = health.probes().inFlight();
    cancelForgotten(inFlight);
    silence.watch(
        inFlight.isEmpty() ? null : inFlight.getFirst(), health.settings().fastInterval());
    if (!inFlight.isEmpty() && runner.isWaiting(inFlight.getLast())) {
      // Another one would wait for its turn as long.
      if (urgency() == Urgency.SUSPECTED) {
        runner.hasten(inFlight.getLast());
      }
      return;
    }
    switch (server.next(healthHost.isPending(), context.prober().isCrowded())) {
      case END -> {}
      case ADDRESS ->
          timer = context.scheduler().schedule(health.settings().timeout(), this::giveUp);
      case TIME -> {
        Instant next = health.nextProbe(context.pauseDetector().stretch());
        Instant now = context.now();
        Duration wait = Duration.between(now, next);
        if (wait.isPositive()) {
          Duration jittered = Jitter.after(wait, now, health, context.random());
          timer = context.scheduler().schedule(jittered, this::probe);
        } else {
          probe();
        }
      }
    }
  }

  /** Ends those that do not count any more, as another check or address holds. */
  private void cancelForgotten(List<Instant> inFlight) {
    if (server.where() instanceof Moving move) {
      List<Instant> kept = new ArrayList<>(inFlight);
      kept.add(move.start());
      runner.cancelOthers(kept);
    } else {
      runner.cancelOthers(inFlight);
    }
  }

  /** The urgency of a probe that is to be made now. */
  private Urgency urgency() {
    Instant now = context.now();
    Urgency next = server.urgency(urgent, now);
    urgent = next == Urgency.SUSPECTED ? now : urgent;
    return next;
  }

  /** Sees whether the checks have come to be late. */
  void look() {
    ProbedServer before = server;
    server = before.at(context.now());
    if (server.health().isLate() != before.health().isLate()) {
      owner.judged(before.health(), server.health());
    }
  }

  /** No address is known, and there is no more waiting for one. */
  private void giveUp() {
    healthHost.giveUp();
    withoutAddress();
  }

  private void probe() {
    Urgency urgency = urgency();
    server = server.probing(context.now());
    run(server.address(), server.newestStart(), urgency, this::ended);
    plan();
  }

  /**
   * Runs a probe.
   *
   * @param own the address of the server's name; null if none is known
   */
  private void run(
      @Nullable InetAddress own,
      Instant start,
      Urgency urgency,
      BiConsumer<Observation.Probe, Duration> done) {
    InetAddress to = own == null ? null : healthHost.or(own);
    if (own == null || to == null) {
      done.accept(server.unresolved(own, start), Duration.ZERO);
    } else {
      Prober.Request connection = server.connection(own, start);
      runner.run(
          server.check(to, start).with(urgency),
          connection == null ? null : connection.with(urgency),
          done);
    }
  }

  private void ended(Observation.Probe ended, Duration took) {
    if (stopped) {
      return;
    }
    silent = ended.outcome().isObservation() ? ended.outcome().silent() : silent;
    observe(attributed(ended, took), took);
  }

  /** The probe as it counts; tells the listeners of it. */
  private Observation.Probe attributed(Observation.Probe ended, Duration took) {
    Attribution.Cause cause = cause(ended, context.pauseDetector().pausedSince(ended.asked()));
    if (cause == Attribution.Cause.FENCE) {
      server = server.checked(ended.asked());
    }
    Observation.Probe probe = cause == Attribution.Cause.SERVER ? ended : ended.voided();
    runner.notifyListeners(server.server().id(), probe, took);
    return probe;
  }

  private boolean counts(Observation observation) {
    return cause(observation, context.pauseDetector().pausedSince(observation.started()))
        == Attribution.Cause.SERVER;
  }

  /**
   * What explains it.
   *
   * @param paused whether this process was paused while it was made
   */
  private Attribution.Cause cause(Observation observation, boolean paused) {
    Instant since = observation.started();
    Attribution.Verdict verdict =
        attribution.of(
            observation,
            health().status(),
            new Attribution.Circumstances(
                context.now(),
                context.pauseDetector().startingAt(since),
                paused,
                owner.isFencedSince(since)));
    attribution = verdict.next();
    return verdict.cause();
  }

  /** Takes a report of live traffic. */
  void trouble(Traffic report) {
    InetSocketAddress to = server.socketAddress();
    report(
        !stopped
                && report.trouble() == Trouble.NO_PORT
                && to != null
                && context.isServersFailure(to)
            ? new Traffic(report.started(), Trouble.CONNECT_FAILED, MonitorContext.NO_WAY)
            : report);
  }

  /** Takes what live traffic or an agent tells of the server. */
  void report(Observation report) {
    if (!stopped && counts(report)) {
      observe(report, Duration.ZERO);
    }
  }

  private void silent(Instant waitsSince) {
    Traffic report =
        new Traffic(waitsSince, Trouble.SILENT, "a probe is waiting and no byte has come");
    // The probe may have begun before a pause; the silence did not. Where the prober has too little
    // time, the silence may be its own.
    if (!stopped
        && !context.prober().isCrowded()
        && cause(report, false) == Attribution.Cause.SERVER) {
      observe(report, Duration.ZERO);
    }
  }

  private void observe(Observation observation, Duration took) {
    boolean doubted = context.selfCheck().isKeeping();
    take(server.observed(observation, took, context.now(), doubted));
  }

  private void take(Change change) {
    ProbedServer before = server;
    server = change.next();
    if (change.connections() != Connections.KEPT) {
      anotherIncarnation(change.connections());
    }
    plan();
    switch (change.news()) {
      case NONE -> {}
      case SHOWN -> owner.touched();
      case MEASURED -> owner.measured();
      case JUDGED -> owner.judged(before.health(), change.next().health());
      case MOVED -> {
        owner.moved(
            before.address(),
            Objects.requireNonNull(change.next().address()),
            change.connections() == Connections.MAY_STAY);
        owner.judged(before.health(), change.next().health());
      }
    }
  }
}
