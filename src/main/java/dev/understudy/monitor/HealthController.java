package dev.understudy.monitor;

import dev.understudy.agreement.DecisionThread;
import dev.understudy.database.ObservedClaim;
import dev.understudy.health.Health;
import dev.understudy.health.HealthStatus;
import dev.understudy.health.Observation;
import dev.understudy.health.Observation.Traffic;
import dev.understudy.health.Observation.Trouble;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.pool.CheckConnection;
import dev.understudy.pool.HealthSettings;
import dev.understudy.pool.Pool;
import dev.understudy.pool.ProxyHeader;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerSettings;
import dev.understudy.pool.TcpCheck;
import dev.understudy.pool.UpstreamTls;
import dev.understudy.probe.Prober;
import dev.understudy.snapshot.ServerState;
import dev.understudy.snapshot.ServerTraffic;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One server's health: starts probes when {@link Health} wants them, at the current address of the
 * server's name, and feeds it the observations of probes and live traffic.
 *
 * <p>When the name gets another address, the old one stays in use until the first probe of the new
 * one has ended: that probe decides alone, and address, incarnation and health change together. If
 * both addresses are good, the server has been UP all the time, and connections to the first may
 * stay. Probes of a server with a {@link ServerSettings#healthHost} connect there instead; its
 * address may change without any of this.
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
  private final VoidProbePolicy ours;
  private Server server;
  private UpstreamTls tls;
  private @Nullable ProxyHeader proxyHeader;
  private Health health;
  private ObservedClaim claim = ObservedClaim.NONE;

  /** The claim that was judged last. */
  private ObservedClaim judgedClaim = ObservedClaim.NONE;

  private ResolvedHost resolution;
  private final ProbeHost healthHost;
  private @Nullable InetAddress address;
  private FirstProbes.Place firstProbe;
  private ServerState.@Nullable LastProbe lastProbe;
  private Instant newestStart = Instant.MIN;
  private long incarnation;
  private long oldestIncarnation;
  private boolean unresolved;
  private boolean stopped;
  // Results of probes that were started in an earlier life are dropped.
  private long life;
  private DecisionThread.Timer timer = () -> {};

  HealthController(
      MonitorContext context, ServerTraffic traffic, Pool settings, Server server, Owner owner) {
    this.context = context;
    this.runner = new ProbeRunner(context, settings.id());
    this.owner = owner;
    this.ours = new VoidProbePolicy(context.pauseDetector(), owner::isFencedSince);
    this.silence = new SilenceWatch(context.scheduler(), traffic, this::silent);
    this.server = server;
    this.tls = settings.settings().tls();
    this.proxyHeader = settings.settings().proxyProtocol();
    this.health = Health.unknown(settings.health(), context.now());
    anotherIncarnation();
    this.resolution = resolution(server);
    this.healthHost = new ProbeHost(context, this::plan);
    this.firstProbe = context.firstProbes().place(this::plan);
  }

  /** Starts the first probe as soon as the name is resolved and {@link FirstProbes} lets it. */
  void start() {
    healthHost.follow(server.settings().healthHost());
    resolution.start();
    plan();
  }

  void stop() {
    stopped = true;
    firstProbe.judged();
    timer.cancel();
    silence.clear();
    resolution.stop();
    healthHost.stop();
  }

  /**
   * Takes new settings.
   *
   * @return whether address or TLS settings differ: then the health begins anew
   */
  boolean reconfigure(Server server, Pool pool) {
    UpstreamTls tls = pool.settings().tls();
    HealthSettings settings = pool.health();
    proxyHeader = pool.settings().proxyProtocol();
    boolean another =
        !server.address().equals(this.server.address())
            || !server.host().equals(this.server.host())
            || !tls.equals(this.tls);
    ServerSettings before = this.server.settings();
    this.server = server;
    this.tls = tls;
    if (another) {
      restart(settings);
      return true;
    }
    healthHost.follow(server.settings().healthHost());
    boolean elsewhere = !server.settings().isProbedAs(before);
    if (elsewhere || !settings.equals(health.settings())) {
      health = elsewhere ? health.with(settings).probedAnew() : health.with(settings);
      plan();
    }
    return false;
  }

  Server server() {
    return server;
  }

  Health health() {
    return health;
  }

  /** Takes over what the process before knew. */
  void take(KnownServer known) {
    health = health.knownSince(known.status(), known.since(), known.evidence());
  }

  /** What its probes have seen of its claim to be primary. */
  ObservedClaim claim() {
    return claim;
  }

  @Nullable InetSocketAddress address() {
    return address == null ? null : new InetSocketAddress(address, server.address().port());
  }

  /** The address of the server's name; null while it is not known. */
  @Nullable InetAddress resolved() {
    return address;
  }

  /** The address that probes connect to; null while it is not known. */
  @Nullable InetAddress probed() {
    return healthHost.or(address);
  }

  /** Takes what an agent replied on whether the server is up. */
  void agentReplied(Observation.Agent reply) {
    if (!stopped) {
      observe(reply);
    }
  }

  long incarnation() {
    return incarnation;
  }

  /** The oldest incarnation whose connections may stay. */
  long oldestIncarnation() {
    return oldestIncarnation;
  }

  /** Connections made so far are worthless. */
  private void anotherIncarnation() {
    incarnation = context.nextIncarnation();
    oldestIncarnation = incarnation;
  }

  ServerState.@Nullable LastProbe lastProbe() {
    return lastProbe;
  }

  /** Takes a report of live traffic, unless a pause of this process explains it. */
  void trouble(Traffic report) {
    if (stopped) {
      return;
    }
    boolean waited =
        report.trouble() == Trouble.CONNECT_TIMED_OUT || report.trouble() == Trouble.SILENT;
    if (!(waited && context.pauseDetector().pausedSince(report.started()))) {
      observe(attributed(report));
    }
  }

  private Traffic attributed(Traffic report) {
    InetSocketAddress to = address();
    return report.trouble() == Trouble.NO_PORT && to != null && context.isServersFailure(to)
        ? new Traffic(report.started(), Trouble.CONNECT_FAILED, MonitorContext.NO_WAY)
        : report;
  }

  private void silent(Instant waitsSince) {
    observe(new Traffic(waitsSince, Trouble.SILENT, "a probe is waiting and no byte has come"));
  }

  private void restart(HealthSettings settings) {
    life++;
    firstProbe.judged();
    firstProbe = context.firstProbes().place(this::plan);
    resolution.stop();
    silence.clear();
    timer.cancel();
    health = Health.unknown(settings, context.now());
    claim = ObservedClaim.NONE;
    anotherIncarnation();
    address = null;
    unresolved = false;
    lastProbe = null;
    resolution = resolution(server);
    start();
  }

  private ResolvedHost resolution(Server server) {
    return new ResolvedHost(server.host(), context.resolver(), context.scheduler(), this::found);
  }

  private void move(InetAddress to) {
    long begun = life;
    Instant start = nextStart();
    InetAddress probed = healthHost.or(to);
    if (probed == null) {
      moved(to, nowhere(start, to), Duration.ZERO);
      return;
    }
    run(
        probed,
        to,
        start,
        (ended, took) -> {
          if (stopped || begun != life || !to.equals(resolution.current())) {
            return;
          }
          Observation.Probe observation = ours.judged(ended, health.status());
          runner.notifyListeners(server.id(), observation, took);
          if (!observation.outcome().isObservation()) {
            // Only what still holds then is done.
            context
                .scheduler()
                .schedule(health.settings().fastInterval(), () -> moveAgain(to, begun));
          } else {
            moved(to, observation, took);
          }
        });
  }

  private void moveAgain(InetAddress to, long begun) {
    if (!stopped && begun == life && to.equals(resolution.current())) {
      move(to);
    }
  }

  private void moved(InetAddress to, Observation.Probe observation, Duration took) {
    life++;
    timer.cancel();
    silence.clear();
    InetAddress from = address;
    address = to;
    Health before = health;
    Instant now = context.now();
    health = health.unjudged(now).probeStarted(observation.started());
    claim = ObservedClaim.NONE;
    show(observation, took, now);
    health = health.observe(observation, now);
    claim = claim.changed(HealthStatus.UNKNOWN, health.status());
    boolean good = before.status() == HealthStatus.UP && health.status() == HealthStatus.UP;
    if (good) {
      health = health.knownSince(HealthStatus.UP, before.statusSince(), before.evidence());
    }
    boolean stay =
        good && before.firstBad() == null && !before.refusesClients() && owner.mayKeepConnections();
    if (stay) {
      incarnation = context.nextIncarnation();
    } else {
      anotherIncarnation();
    }
    plan();
    owner.moved(from, to, stay);
    owner.judged(before, health);
  }

  /** If it is DOWN, forgets why: all of that may have been a fence. */
  void judgeAnew() {
    if (health.status() != HealthStatus.DOWN) {
      return;
    }
    life++;
    silence.clear();
    Health before = health;
    health = before.unjudged(context.now());
    claim = ObservedClaim.NONE;
    plan();
    owner.judged(before, health);
  }

  /** Starts the next probe now or when it is due; with too many in flight, when one ends. */
  private void plan() {
    timer.cancel();
    if (stopped || !health.mayStartProbe() || waitsForItsProbe()) {
      return;
    }
    if ((address == null && !unresolved) || healthHost.isPending()) {
      timer = context.scheduler().schedule(health.settings().timeout(), this::unresolved);
      return;
    }
    Instant now = context.now();
    Instant due = health.nextProbe();
    if (due.isAfter(now)) {
      timer =
          context
              .scheduler()
              .schedule(
                  Duration.between(now, due).plus(Jitter.of(health, context.random())),
                  this::probe);
    } else if (firstProbe.take()) {
      probe();
    }
  }

  /** Whether so many servers are unjudged that this one waits for the end of its probe. */
  private boolean waitsForItsProbe() {
    return health.status() == HealthStatus.UNKNOWN
        && health.probesInFlight() > 0
        && context.firstProbes().isCrowded();
  }

  private void probe() {
    Instant start = nextStart();
    health = health.probeStarted(start);
    InetAddress to = address == null ? null : probed();
    if (to == null) {
      Observation.Probe nowhere = nowhere(start, address);
      show(nowhere, Duration.ZERO, context.now());
      runner.notifyListeners(server.id(), nowhere, Duration.ZERO);
      observe(nowhere);
      return;
    }
    silence.add(start, health.settings().fastInterval());
    run(to, address, start, ended(life));
    plan();
  }

  private Observation.Probe nowhere(Instant start, @Nullable InetAddress own) {
    String other = server.settings().healthHost();
    String host = own == null || other == null ? server.address().host() : other;
    return new Observation.Probe(start, ProbeOutcome.UNRESOLVED, "no address for " + host);
  }

  /** No address is known, and there is no more waiting for one. */
  private void unresolved() {
    unresolved |= address == null;
    healthHost.giveUp();
    plan();
  }

  private BiConsumer<Observation.Probe, Duration> ended(long begun) {
    return (ended, took) -> {
      if (stopped || begun != life) {
        return;
      }
      silence.remove(ended.started());
      firstProbe.leave();
      Observation.Probe observation = ours.judged(ended, health.status());
      runner.notifyListeners(server.id(), observation, took);
      show(observation, took, context.now());
      observe(observation);
    };
  }

  private void show(Observation.Probe observation, Duration took, Instant end) {
    if (observation.outcome().isObservation() && health.counts(observation.started())) {
      claim = claim.probed(health.settings().check(), observation);
      lastProbe = new ServerState.LastProbe(end, took, observation.outcome(), observation.detail());
    }
  }

  /** Whether a fence explains what is bad. Probes were judged before, as they end either way. */
  private boolean isOfFence(Observation observation) {
    return switch (observation) {
      case Observation.Probe probe -> false;
      case Observation.Agent reply -> !reply.up() && owner.isFencedSince(reply.started());
      case Traffic report -> owner.isFencedSince(report.started());
    };
  }

  private void observe(Observation observation) {
    if (isOfFence(observation)) {
      return;
    }
    Health before = health;
    Health after = before.observe(observation, context.now());
    health = after;
    claim = claim.changed(before.status(), after.status());
    if (after.status() != HealthStatus.UNKNOWN) {
      firstProbe.judged();
    }
    if (after.status() == HealthStatus.DOWN
        && before.status() != HealthStatus.DOWN
        && !context.selfCheck().isKeeping()) {
      anotherIncarnation();
    }
    plan();
    if (after.status() != before.status()
        || after.lastProbeHadResponse() != before.lastProbeHadResponse()
        || !claim.equals(judgedClaim)) {
      judgedClaim = claim;
      owner.judged(before, after);
    } else {
      owner.touched();
    }
  }

  /**
   * Runs the check; before it, if the check goes elsewhere than the clients, whom the server has
   * refused, a connection to where they go.
   *
   * @param own the address of the clients; null if it is not known
   */
  private void run(
      InetAddress to,
      @Nullable InetAddress own,
      Instant start,
      BiConsumer<Observation.Probe, Duration> done) {
    Prober.Request check = request(to, start);
    if (own == null || !health.refusesClients() || health.settings().isForClientsPort(server)) {
      runner.run(check, done);
      return;
    }
    Prober.Request asClient =
        new Prober.Request(
            server.probedAtItsOwnPort(),
            tls,
            new TcpCheck(
                List.of(), new CheckConnection(OptionalInt.empty(), null, proxyHeader != null)),
            own,
            health.settings().timeout(),
            start,
            proxyHeader);
    runner.run(
        asClient,
        (ended, took) -> {
          if (ended.outcome().good()) {
            runner.run(check, done);
          } else {
            done.accept(ofClientsPort(ended), took);
          }
        });
  }

  private Observation.Probe ofClientsPort(Observation.Probe probe) {
    String detail = "port " + server.address().port() + ", which clients use: " + probe.detail();
    return new Observation.Probe(probe.started(), probe.outcome(), detail);
  }

  private Prober.Request request(InetAddress to, Instant start) {
    HealthSettings settings = health.settings();
    return new Prober.Request(
        server, tls, settings.check(), to, settings.timeout(), start, proxyHeader);
  }

  /** Now, or 1 ns after the newest start: a probe is identified by its start. */
  private Instant nextStart() {
    Instant now = context.now();
    newestStart = now.isAfter(newestStart) ? now : newestStart.plusNanos(1);
    return newestStart;
  }

  /** The name has an address, or another one; null if it has none yet. */
  private void found(@Nullable InetAddress named) {
    if (named == null) {
      if (address == null && !unresolved) {
        unresolved = true;
        plan();
      }
    } else if (address == null && health.status() == HealthStatus.UNKNOWN) {
      address = named;
      plan();
      owner.touched();
    } else if (!named.equals(address)) {
      move(named);
    }
  }
}
