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
final class Field {
  /** A server and what is known of it. */
  record Entrant(ServerId id, Rank rank, Candidate candidate) {}

  private final List<Entrant> all;
  private final boolean breakersIgnored;

  private Field(List<Entrant> all) {
    this.all = all;
    this.breakersIgnored =
        all.stream().map(Entrant::candidate).noneMatch(c -> c.fit() && !c.circuitOpen());
  }

  static Field of(Pool pool, Map<ServerId, Candidate> candidates) {
    return new Field(
        pool.servers().stream()
            .filter(server -> candidates.containsKey(server.id()))
            .sorted(Comparator.comparing(Server::rank))
            .map(server -> entrant(server, candidates))
            .toList());
  }

  private static Entrant entrant(Server server, Map<ServerId, Candidate> candidates) {
    Candidate candidate = candidates.get(server.id());
    if (candidate == null) {
      throw new IllegalArgumentException("no candidate for " + server.id());
    }
    return new Entrant(server.id(), server.rank(), candidate);
  }

  /** The most preferred first. */
  List<Entrant> all() {
    return all;
  }

  /** That server; null: it is gone. */
  @Nullable Entrant find(ServerId id) {
    for (Entrant entrant : all) {
      if (entrant.id().equals(id)) {
        return entrant;
      }
    }
    return null;
  }

  /**
   * UP, ready, and its breaker not open, unless open breakers are all that keeps any out of use.
   */
  boolean usable(Entrant entrant) {
    Candidate candidate = entrant.candidate();
    return candidate.fit() && (breakersIgnored || !candidate.circuitOpen());
  }

  /** All that are usable, the most preferred first. */
  List<Entrant> usable() {
    return all.stream().filter(this::usable).toList();
  }

  /** The most preferred that is usable; null: nobody is. */
  @Nullable Entrant best() {
    for (Entrant entrant : all) {
      if (usable(entrant)) {
        return entrant;
      }
    }
    return null;
  }

  /** Whether one that is preferred to this one has not ended its first probe yet. */
  boolean betterAwaited(Entrant than) {
    return all.stream()
        .takeWhile(entrant -> !entrant.equals(than))
        .anyMatch(entrant -> entrant.candidate().awaited());
  }

  /** Whether some first probe has not ended yet. */
  boolean anyAwaited() {
    return all.stream().anyMatch(entrant -> entrant.candidate().awaited());
  }
}
