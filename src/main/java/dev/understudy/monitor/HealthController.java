package dev.understudy.monitor;

import dev.understudy.agreement.DecisionThread;
import dev.understudy.health.Health;
import dev.understudy.health.HealthStatus;
import dev.understudy.health.Observation;
import dev.understudy.health.Observation.Traffic;
import dev.understudy.health.Observation.Trouble;
import dev.understudy.monitor.ProbedServer.Change;
import dev.understudy.monitor.ProbedServer.Connections;
import dev.understudy.monitor.ProbedServer.Moving;
import dev.understudy.pool.Pool;
import dev.understudy.pool.Server;
import dev.understudy.snapshot.ServerTraffic;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
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
  private FirstProbes.Place firstProbe;
  private long incarnation;
  private long oldestIncarnation;
  private boolean stopped;
  private DecisionThread.Timer timer = () -> {};

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
    this.firstProbe = context.firstProbes().place(this::plan);
  }

  /** Starts the first probe as soon as the name is resolved and {@link FirstProbes} lets it. */
  void start() {
    healthHost.follow(server.server().settings().healthHost());
    resolution.start();
    plan();
  }

  void stop() {
    stopped = true;
    firstProbe.judged();
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
      firstProbe.judged();
      firstProbe = context.firstProbes().place(this::plan);
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
      run(move.to(), move.start(), (ended, took) -> endedThere(move, ended, took));
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
  void judgeAnew() {
    take(server.judgedAnew(context.now()));
  }

  /** Starts the next probe now or when it is due; with too many in flight, when one ends. */
  private void plan() {
    timer.cancel();
    if (stopped) {
      return;
    }
    Health health = health();
    List<Instant> inFlight = health.probes().inFlight();
    silence.watch(
        inFlight.isEmpty() ? null : inFlight.getFirst(), health.settings().fastInterval());
    switch (server.next(healthHost.isPending(), context.firstProbes().isCrowded())) {
      case END -> {}
      case ADDRESS ->
          timer = context.scheduler().schedule(health.settings().timeout(), this::giveUp);
      case TIME -> {
        Duration wait = Duration.between(context.now(), health.nextProbe());
        if (wait.isPositive()) {
          Duration jitter = Jitter.of(health, context.random());
          timer = context.scheduler().schedule(wait.plus(jitter), this::probe);
        } else if (firstProbe.take()) {
          probe();
        }
      }
    }
  }

  /** No address is known, and there is no more waiting for one. */
  private void giveUp() {
    healthHost.giveUp();
    withoutAddress();
  }

  private void probe() {
    server = server.probing(context.now());
    run(server.address(), server.newestStart(), this::ended);
    plan();
  }

  /**
   * Runs a probe.
   *
   * @param own the address of the server's name; null if none is known
   */
  private void run(
      @Nullable InetAddress own, Instant start, BiConsumer<Observation.Probe, Duration> done) {
    InetAddress to = own == null ? null : healthHost.or(own);
    if (own == null || to == null) {
      done.accept(server.unresolved(own, start), Duration.ZERO);
    } else {
      runner.run(server.check(to, start), server.connection(own, start), done);
    }
  }

  private void ended(Observation.Probe ended, Duration took) {
    if (stopped) {
      return;
    }
    if (!health().probes().inFlight().contains(ended.started())) {
      // Of an address that was left, or from before a restart: it says nothing of what is next.
      runner.notifyListeners(server.server().id(), ended, took);
      return;
    }
    Observation.Probe probe = attributed(ended, took);
    firstProbe.leave();
    observe(probe, took);
  }

  /** The probe as it counts; tells the listeners of it. */
  private Observation.Probe attributed(Observation.Probe ended, Duration took) {
    Observation.Probe probe = counts(ended) ? ended : ended.voided();
    runner.notifyListeners(server.server().id(), probe, took);
    return probe;
  }

  private boolean counts(Observation observation) {
    return counts(observation, context.pauseDetector().pausedSince(observation.started()));
  }

  /**
   * Whether it counts.
   *
   * @param paused whether this process was paused while it was made
   */
  private boolean counts(Observation observation, boolean paused) {
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
    return verdict.counts();
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
    // The probe may have begun before a pause; the silence did not.
    if (!stopped && counts(report, false)) {
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
    if (health().status() != HealthStatus.UNKNOWN) {
      firstProbe.judged();
    }
    if (change.connections() != Connections.KEPT) {
      anotherIncarnation(change.connections());
    }
    plan();
    switch (change.news()) {
      case NONE -> {}
      case SHOWN -> owner.touched();
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
