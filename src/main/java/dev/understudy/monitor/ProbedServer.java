package dev.understudy.monitor;

import dev.understudy.database.ObservedClaim;
import dev.understudy.health.Health;
import dev.understudy.health.HealthStatus;
import dev.understudy.health.Observation;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.pool.Check;
import dev.understudy.pool.CheckConnection;
import dev.understudy.pool.HealthSettings;
import dev.understudy.pool.Pool;
import dev.understudy.pool.ProxyHeader;
import dev.understudy.pool.Server;
import dev.understudy.pool.TcpCheck;
import dev.understudy.pool.UpstreamTls;
import dev.understudy.probe.Prober;
import dev.understudy.probe.Prober.Urgency;
import dev.understudy.snapshot.ServerState.LastProbe;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * One server as its probes see it: where they go, what they have found there, and what comes next.
 * An immutable value that each input replaces by the next. {@link Health} has the table of what
 * observations come to, {@link Attribution} that of those that count.
 *
 * <table>
 * <caption>The address of the server's name</caption>
 * <tr><th>where<th>input<th>becomes<th>then
 * <tr><td>AWAITED, UNKNOWN<td>a first address A, server not judged<td>at A<td>its first probe
 * <tr><td>AWAITED<td>there is none, or {@code timeout} has passed<td>UNKNOWN<td>probes find the
 *     server bad, as it has no address
 * <tr><td>UNKNOWN<td>an address B, server judged<td>moving to B<td>a first probe of B
 * <tr><td>at A<td>another address B<td>moving from A to B<td>a first probe of B, while those of A go
 *     on
 * <tr><td>moving from A to B<td>A<td>at A<td>the probe of B is dropped
 * <tr><td>moving from A to B<td>another address C<td>moving from A to C<td>a first probe of C; that
 *     of B is dropped
 * <tr><td>moving to B<td>the first probe of B tells nothing<td>moving to B<td>another one after
 *     {@code fast-interval}
 * <tr><td>moving to B<td>the first probe of B ended<td>at B<td>that probe alone decides on the
 *     health; if both addresses are good, the server has been UP all the time
 * </table>
 *
 * <table>
 * <caption>Connections made so far</caption>
 * <tr><th>input<th>become
 * <tr><td>the server is found DOWN, and most servers together are not doubted<td>LOST
 * <tr><td>it is at another address, both are good, nothing bad was seen at the one before, and its
 *     owner allows it<td>MAY_STAY
 * <tr><td>it is at another address<td>LOST
 * <tr><td>any other<td>KEPT
 * </table>
 *
 * <p>Probes go to {@code health-host} instead, if the server has one; its address may change
 * without any of this. A result counts as long as its probe is in flight by {@link Health}: those
 * of another address, of another check, or from before the server was judged anew do not.
 *
 * @param pool in force; has the settings of the probes
 * @param lastProbe the newest that counted; null before the first
 * @param newestStart start of the newest probe, which no other has
 * @param failedAt when it was found DOWN after it had been UP; null if it is not DOWN, or never was
 */
record ProbedServer(
    Pool pool,
    Server server,
    Whereabouts where,
    Health health,
    ObservedClaim claim,
    @Nullable LastProbe lastProbe,
    Instant newestStart,
    @Nullable Instant failedAt) {
  /** Where the server's name leads. */
  sealed interface Whereabouts {}

  /** No address is known. */
  enum Nowhere implements Whereabouts {
    /** The first query has not ended. */
    AWAITED,
    /** There is none, or it takes too long to find it. */
    UNKNOWN
  }

  /** The address of probes and traffic. */
  record At(InetAddress address) implements Whereabouts {}

  /**
   * Another address is tried.
   *
   * @param from the address of probes and traffic until then; null if there is none
   * @param start of the first probe there, which tells tries apart
   */
  record Moving(@Nullable InetAddress from, InetAddress to, Instant start) implements Whereabouts {}

  /** What is new for the server's owner. */
  enum News {
    NONE,
    /** A value that is only shown. */
    SHOWN,
    /** How far the server's data has come, and nothing else. */
    MEASURED,
    /** The status, whether the newest probe had a response, or the claim to be primary. */
    JUDGED,
    /** The address, and with it the health. */
    MOVED
  }

  /** What becomes of the connections made so far. */
  enum Connections {
    KEPT,
    /** Those in use may stay; none gets a new request. */
    MAY_STAY,
    LOST
  }

  /** What an input led to. */
  record Change(ProbedServer next, News news, Connections connections) {}

  /** What probing waits for. */
  enum Wait {
    /** The end of a probe. */
    END,
    /** An address, for {@code timeout} at most. */
    ADDRESS,
    /** The time of the next probe. */
    TIME
  }

  /** A server of which nothing is known. */
  static ProbedServer unknown(Pool pool, Server server, Instant now) {
    return new ProbedServer(
        pool,
        server,
        Nowhere.AWAITED,
        Health.unknown(pool.health(), now),
        ObservedClaim.NONE,
        null,
        Instant.MIN,
        null);
  }

  /** The address of probes and traffic; null if none is known. */
  @Nullable InetAddress address() {
    return switch (where) {
      case Nowhere nowhere -> null;
      case At at -> at.address;
      case Moving move -> move.from;
    };
  }

  /** The address of traffic, with its port; null if no address is known. */
  @Nullable InetSocketAddress socketAddress() {
    InetAddress at = address();
    return at == null ? null : new InetSocketAddress(at, server.address().port());
  }

  /** What is seen of it, to judge all servers together. */
  MassFailure.ObservedServer observed() {
    InetAddress at = address();
    return new MassFailure.ObservedServer(
        pool.id(),
        at == null ? server.address().host() : at.getHostAddress(),
        health.status(),
        failedAt,
        lastProbe == null ? health.evidence() : lastProbe.detail());
  }

  /** Whether new settings make it another server, of which nothing is known. */
  boolean isAnother(Pool next, Server to) {
    return !to.address().equals(server.address())
        || !to.host().equals(server.host())
        || !tls(next).equals(tls(pool));
  }

  /** The same under new settings; probes in flight are void if they go elsewhere from now on. */
  ProbedServer reconfigured(Pool next, Server to, Instant now) {
    if (isAnother(next, to)) {
      return unknown(next, to, now).startedAt(newestStart);
    }
    HealthSettings settings = next.health();
    Health same = settings.equals(health.settings()) ? health : health.with(settings);
    boolean elsewhere = !to.settings().isProbedAs(server.settings());
    return new ProbedServer(
        next,
        to,
        where,
        elsewhere ? same.probedAnew() : same,
        claim,
        lastProbe,
        newestStart,
        failedAt);
  }

  /** The same, if another process of this replica has known the status for longer. */
  ProbedServer known(KnownServer known) {
    return with(health.knownSince(known.status(), known.since(), known.evidence()));
  }

  /** The name has that address. */
  Change found(InetAddress named, Instant now) {
    InetAddress at = address();
    if (named.equals(at)) {
      return new Change(with(new At(named)), News.NONE, Connections.KEPT);
    }
    // Whatever an agent says of it: no probe has judged an address yet.
    if (where == Nowhere.AWAITED || (at == null && health.status() == HealthStatus.UNKNOWN)) {
      return new Change(with(new At(named)), News.SHOWN, Connections.KEPT);
    }
    Instant start = nextStart(now);
    return new Change(
        with(new Moving(at, named, start)).startedAt(start), News.NONE, Connections.KEPT);
  }

  /** A first address is awaited no longer. */
  ProbedServer withoutAddress() {
    return where == Nowhere.AWAITED ? with(Nowhere.UNKNOWN) : this;
  }

  /**
   * What the next probe waits for.
   *
   * @param hostAwaited whether the address of {@code health-host} is not known yet
   * @param crowded whether the prober has too little time: then one probe is in flight at most, as
   *     while the health is settled
   */
  Wait next(boolean hostAwaited, boolean crowded) {
    boolean alone = crowded || health.settled();
    if (!health.probes().mayStart() || (alone && !health.probes().inFlight().isEmpty())) {
      return Wait.END;
    }
    return where == Nowhere.AWAITED || hostAwaited ? Wait.ADDRESS : Wait.TIME;
  }

  /**
   * How urgent the next probe is. What traffic tells alone is urgent once in each {@code interval},
   * as its clients decide on it; what probes have found is for as long as it lasts.
   *
   * @param urgent when the newest urgent probe began
   */
  Urgency urgency(Instant urgent, Instant now) {
    if (health.status() != HealthStatus.UNKNOWN && !health.settled()) {
      boolean up = health.status() == HealthStatus.UP;
      boolean probed = lastProbe != null && lastProbe.outcome().good() != up;
      if (probed || !now.isBefore(urgent.plus(health.settings().interval()))) {
        return Urgency.SUSPECTED;
      }
    }
    return health.isLate() ? Urgency.LATE : Urgency.ROUTINE;
  }

  /** The same, of a server that was looked at by a check that was asked then. */
  ProbedServer checked(Instant asked) {
    return with(health.checked(asked));
  }

  /** The same, or one whose checks have come to be late. */
  ProbedServer at(Instant now) {
    Health next = health.at(now);
    return next == health ? this : with(next);
  }

  /** A probe begins, at {@link #newestStart}. */
  ProbedServer probing(Instant now) {
    Instant start = nextStart(now);
    return begun(start).startedAt(start);
  }

  private ProbedServer begun(Instant start) {
    return with(health.probeStarted(start));
  }

  private Instant nextStart(Instant now) {
    return now.isAfter(newestStart) ? now : newestStart.plusNanos(1);
  }

  private ProbedServer startedAt(Instant newest) {
    return new ProbedServer(pool, server, where, health, claim, lastProbe, newest, failedAt);
  }

  /** The probe that began then, and goes to that address. */
  Prober.Request check(InetAddress to, Instant start) {
    return request(server, health.settings().check(), to, start);
  }

  /**
   * The connection that must be good before the check is made: if the server refused clients, and
   * the check does not connect where they do.
   *
   * @param to the address of the clients
   * @return null if there is none
   */
  Prober.@Nullable Request connection(InetAddress to, Instant start) {
    if (!health.refusesClients() || health.settings().isForClientsPort(server)) {
      return null;
    }
    CheckConnection alone = new CheckConnection(OptionalInt.empty(), null, proxyHeader() != null);
    return request(server.probedAtItsOwnPort(), new TcpCheck(List.of(), alone), to, start);
  }

  private Prober.Request request(Server as, Check check, InetAddress to, Instant start) {
    return new Prober.Request(
        as, tls(pool), check, to, health.settings().timeout(), start, proxyHeader());
  }

  private static UpstreamTls tls(Pool pool) {
    return pool.settings().tls();
  }

  private @Nullable ProxyHeader proxyHeader() {
    return pool.settings().proxyProtocol();
  }

  /**
   * The probe that began then, for which no address is known.
   *
   * @param own the address of the server's name; null if that is what is not known
   */
  Observation.Probe unresolved(@Nullable InetAddress own, Instant start) {
    String other = server.settings().healthHost();
    String host = own == null || other == null ? server.address().host() : other;
    return new Observation.Probe(start, ProbeOutcome.UNRESOLVED, "no address for " + host);
  }

  /**
   * Judges an observation.
   *
   * @param took the duration of a probe
   * @param doubted whether a server that fails now stays in use, as most have failed
   */
  Change observed(Observation observation, Duration took, Instant now, boolean doubted) {
    ObservedClaim seen = claim;
    LastProbe last = lastProbe;
    if (observation instanceof Observation.Probe probe
        && probe.outcome().isObservation()
        && health.counts(probe.started())) {
      seen = claim.probed(health.settings().check(), probe);
      last = new LastProbe(now, took, probe.outcome(), probe.detail());
    }
    Health after = health.observe(observation, now).at(now);
    seen = seen.changed(health.status(), after.status());
    boolean changed = after.status() != health.status();
    boolean down = changed && after.status() == HealthStatus.DOWN;
    boolean judged =
        changed
            || after.lastProbeHadResponse() != health.lastProbeHadResponse()
            || after.isLate() != health.isLate()
            || !seen.isSameClaim(claim);
    Instant failed = down && health.status() == HealthStatus.UP ? now : null;
    return new Change(
        new ProbedServer(
            pool, server, where, after, seen, last, newestStart, changed ? failed : failedAt),
        judged ? News.JUDGED : seen.equals(claim) ? News.SHOWN : News.MEASURED,
        down && !doubted ? Connections.LOST : Connections.KEPT);
  }

  /**
   * Takes the other address, as its first probe has ended and tells something.
   *
   * @param mayKeep whether the owner allows that connections stay
   */
  Change moved(Moving move, Observation.Probe first, Duration took, Instant now, boolean mayKeep) {
    ProbedServer there =
        unjudged(new At(move.to), now)
            .begun(first.started())
            .observed(first, took, now, false)
            .next;
    if (health.status() != HealthStatus.UP) {
      return new Change(there, News.MOVED, Connections.LOST);
    }
    if (there.health.status() != HealthStatus.UP) {
      return new Change(there.failedAt(now), News.MOVED, Connections.LOST);
    }
    boolean stay = health.firstBad() == null && !health.refusesClients() && mayKeep;
    return new Change(
        there.with(
            there.health.knownSince(HealthStatus.UP, health.statusSince(), health.evidence())),
        News.MOVED,
        stay ? Connections.MAY_STAY : Connections.LOST);
  }

  /**
   * If it is DOWN, forgets why: all of that may have been a fence.
   *
   * @param up whether it also forgets why it is UP
   */
  Change judgedAnew(boolean up, Instant now) {
    return up || health.status() == HealthStatus.DOWN
        ? new Change(unjudged(where, now), News.JUDGED, Connections.KEPT)
        : new Change(this, News.NONE, Connections.KEPT);
  }

  private ProbedServer unjudged(Whereabouts at, Instant now) {
    return new ProbedServer(
        pool, server, at, health.unjudged(now), ObservedClaim.NONE, lastProbe, newestStart, null);
  }

  private ProbedServer failedAt(Instant when) {
    return new ProbedServer(pool, server, where, health, claim, lastProbe, newestStart, when);
  }

  private ProbedServer with(Whereabouts next) {
    return new ProbedServer(pool, server, next, health, claim, lastProbe, newestStart, failedAt);
  }

  private ProbedServer with(Health next) {
    return new ProbedServer(pool, server, where, next, claim, lastProbe, newestStart, failedAt);
  }
}
