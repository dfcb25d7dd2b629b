package dev.understudy.failover;

import dev.understudy.health.HealthStatus;
import dev.understudy.pool.Pool;
import dev.understudy.pool.Rank;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerAddress.Protocol;
import dev.understudy.pool.ServerId;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Candidates of one pool, the most preferred first: by rank, then in the file's order. */
final class Candidates {
  /** A server with its rank and its facts. */
  record RankedServer(ServerId id, Rank rank, Candidate candidate) {}

  private final List<RankedServer> all;
  private final boolean breakersIgnored;
  private final boolean servesWhileDown;
  private final boolean roleProven;

  private Candidates(List<RankedServer> all, boolean servesWhileDown, boolean roleProven) {
    this.all = all;
    this.servesWhileDown = servesWhileDown;
    this.roleProven = roleProven;
    this.breakersIgnored =
        all.stream().map(RankedServer::candidate).noneMatch(c -> c.fit() && !c.circuitOpen());
  }

  static Candidates of(Pool pool, Map<ServerId, Candidate> candidates) {
    return new Candidates(
        pool.servers().stream()
            .filter(server -> candidates.containsKey(server.id()))
            .sorted(Comparator.comparing(Server::rank))
            .map(server -> ranked(server, candidates))
            .toList(),
        pool.protocol() == Protocol.HTTP,
        pool.provesRole());
  }

  private static RankedServer ranked(Server server, Map<ServerId, Candidate> candidates) {
    Candidate candidate = candidates.get(server.id());
    if (candidate == null) {
      throw new IllegalArgumentException("no candidate for " + server.id());
    }
    return new RankedServer(server.id(), server.rank(), candidate);
  }

  /** All candidates, the most preferred first. */
  List<RankedServer> all() {
    return all;
  }

  /**
   * Whether the serving server keeps its role while it is DOWN and its probes have responses, if no
   * other is usable. Not with TCP: a check of a database says whether it may be written to.
   */
  boolean servesWhileDown() {
    return servesWhileDown;
  }

  /** The server with that id; null if it is gone. */
  @Nullable RankedServer find(ServerId id) {
    return all.stream().filter(server -> server.id().equals(id)).findFirst().orElse(null);
  }

  /** Whether it is fit and its breaker not open; if all fit servers' are open, they are ignored. */
  boolean usable(RankedServer server) {
    Candidate candidate = server.candidate();
    return candidate.fit() && (breakersIgnored || !candidate.circuitOpen());
  }

  /** All usable servers, the most preferred first. */
  List<RankedServer> usable() {
    return all.stream().filter(this::usable).toList();
  }

  /**
   * The servers to which a failback from the holder may lead, the most preferred first: of better
   * rank, fit, with a closed breaker, and checked in time. One with an open breaker is usable only
   * for want of better, and so are one that failed while that is doubted, and one whose checks are
   * late: no reason to leave one that is no worse.
   */
  List<RankedServer> betterThan(RankedServer holder) {
    return all.stream()
        .takeWhile(server -> server.rank().compareTo(holder.rank()) < 0)
        .filter(server -> server.candidate().fit() && !server.candidate().circuitOpen())
        .filter(server -> !server.candidate().doubted() && !server.candidate().late())
        .toList();
  }

  /**
   * The most preferred usable server: of those in no doubt first, and of these one that is checked
   * in time; null if there is none.
   */
  @Nullable RankedServer best() {
    return all.stream()
        .filter(this::usable)
        .min(
            Comparator.comparing((RankedServer server) -> server.candidate().doubted())
                .thenComparing(server -> server.candidate().late()))
        .orElse(null);
  }

  /**
   * Whether nothing calls for leaving the holder: it is usable; or only its open breaker speaks
   * against it, and either its checks or those of the best are late. Requests that fail here for
   * want of time are no reason to go where nobody has looked for long.
   */
  boolean holds(RankedServer holder) {
    RankedServer best = best();
    return usable(holder)
        || (holder.candidate().fit()
            && (holder.candidate().late() || (best != null && best.candidate().late())));
  }

  /** Servers that could be promoted, but for what their data lacks. */
  List<RankedServer> tooFarBehind() {
    return all.stream()
        .filter(server -> server.candidate().denies() && server.candidate().behind() != null)
        .toList();
  }

  /** Whether a server but the holder could serve if it failed: at once, or once it is promoted. */
  boolean hasSuccessor(RankedServer holder) {
    return all.stream()
        .filter(server -> !server.equals(holder))
        .anyMatch(
            server ->
                usable(server)
                    || (server.candidate().denies() && server.candidate().behind() == null));
  }

  /** Whether it is usable, or only its stale claim keeps it from being so. */
  boolean usableByCommand(RankedServer server) {
    Candidate candidate = server.candidate();
    return usable(server)
        || (candidate.stale() && candidate.status() == HealthStatus.UP && candidate.ready());
  }

  /**
   * Whether the first choice has to wait: for a preferred server's first probe or, if probes prove
   * the role, for all, as two may claim it.
   */
  boolean firstChoiceAwaits(RankedServer best) {
    return roleProven ? anyAwaited() : betterAwaited(best);
  }

  /** Whether a preferred server still awaits its first probe. */
  boolean betterAwaited(RankedServer than) {
    return all.stream()
        .takeWhile(server -> !server.equals(than))
        .anyMatch(server -> server.candidate().awaited());
  }

  /** Whether any server still awaits its first probe. */
  boolean anyAwaited() {
    return all.stream().anyMatch(server -> server.candidate().awaited());
  }
}
