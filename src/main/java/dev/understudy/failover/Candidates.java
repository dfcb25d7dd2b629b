package dev.understudy.failover;

import dev.understudy.pool.Pool;
import dev.understudy.pool.Rank;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerId;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The servers of one pool that could serve, the most preferred first: by rank, then as written. */
final class Candidates {
  /** A server and what is known of it. */
  record RankedServer(ServerId id, Rank rank, Candidate candidate) {}

  private final List<RankedServer> all;
  private final boolean breakersIgnored;

  private Candidates(List<RankedServer> all) {
    this.all = all;
    this.breakersIgnored =
        all.stream().map(RankedServer::candidate).noneMatch(c -> c.fit() && !c.circuitOpen());
  }

  static Candidates of(Pool pool, Map<ServerId, Candidate> candidates) {
    return new Candidates(
        pool.servers().stream()
            .filter(server -> candidates.containsKey(server.id()))
            .sorted(Comparator.comparing(Server::rank))
            .map(server -> ranked(server, candidates))
            .toList());
  }

  private static RankedServer ranked(Server server, Map<ServerId, Candidate> candidates) {
    Candidate candidate = candidates.get(server.id());
    if (candidate == null) {
      throw new IllegalArgumentException("no candidate for " + server.id());
    }
    return new RankedServer(server.id(), server.rank(), candidate);
  }

  /** The most preferred first. */
  List<RankedServer> all() {
    return all;
  }

  /** That server; null: it is gone. */
  @Nullable RankedServer find(ServerId id) {
    for (RankedServer server : all) {
      if (server.id().equals(id)) {
        return server;
      }
    }
    return null;
  }

  /**
   * UP, ready, and its breaker not open, unless open breakers are all that keeps any out of use.
   */
  boolean usable(RankedServer server) {
    Candidate candidate = server.candidate();
    return candidate.fit() && (breakersIgnored || !candidate.circuitOpen());
  }

  /** All that are usable, the most preferred first. */
  List<RankedServer> usable() {
    return all.stream().filter(this::usable).toList();
  }

  /** The most preferred that is usable; null: nobody is. */
  @Nullable RankedServer best() {
    for (RankedServer server : all) {
      if (usable(server)) {
        return server;
      }
    }
    return null;
  }

  /** Whether one that is preferred to this one has not ended its first probe yet. */
  boolean betterAwaited(RankedServer than) {
    return all.stream()
        .takeWhile(server -> !server.equals(than))
        .anyMatch(server -> server.candidate().awaited());
  }

  /** Whether some first probe has not ended yet. */
  boolean anyAwaited() {
    return all.stream().anyMatch(server -> server.candidate().awaited());
  }
}
