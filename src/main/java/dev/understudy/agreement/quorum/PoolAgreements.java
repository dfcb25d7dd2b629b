package dev.understudy.agreement.quorum;

import dev.understudy.agreement.RenamedPool;
import dev.understudy.agreement.RoleDecisions;
import dev.understudy.agreement.ServerIdentity;
import dev.understudy.failover.Candidate;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** All pools that this replica has heard of: which of them its file has, and which have changed. */
final class PoolAgreements {
  private final Participation agreement;
  private final Map<PoolId, PoolAgreement> all = new TreeMap<>();

  /** Those that this replica's file does not have. */
  private final Map<PoolId, PoolAgreement> absent = new TreeMap<>();

  /** Those whose change is still to be told. */
  private final Set<PoolId> due = new HashSet<>();

  PoolAgreements(Participation agreement) {
    this.agreement = agreement;
  }

  Collection<PoolAgreement> all() {
    return all.values();
  }

  /** The pools that this replica's file does not have, of which something may be agreed. */
  Collection<PoolAgreement> absent() {
    return absent.values();
  }

  PoolAgreement of(PoolId pool) {
    return all.computeIfAbsent(
        pool,
        id -> {
          PoolAgreement begun = new PoolAgreement(agreement, id);
          absent.put(id, begun);
          return begun;
        });
  }

  /** Takes this replica's view of a pool of its file. */
  void report(Pool file, Pool inForce, Map<ServerId, Candidate> own) {
    PoolAgreement pool = of(file.id());
    absent.remove(file.id());
    pool.report(file, inForce, own);
  }

  /** This replica's votes. */
  Map<PoolId, Ballot> ballots() {
    Map<PoolId, Ballot> ballots = new HashMap<>();
    for (PoolAgreement pool : all.values()) {
      Ballot ballot = pool.votes().ballot();
      if (ballot != null) {
        ballots.put(pool.id(), ballot);
      }
    }
    return ballots;
  }

  /** The records of the pools of this replica's file. */
  Map<PoolId, PoolRecord> records() {
    Map<PoolId, PoolRecord> records = new HashMap<>();
    for (PoolAgreement pool : all.values()) {
      if (pool.pool().isInFile()) {
        records.put(pool.id(), pool.pool().known());
      }
    }
    return records;
  }

  /** Takes a new file, as {@link RoleDecisions#exist} says. */
  void exist(Collection<Pool> existing, Set<PoolId> going) {
    Set<PoolId> ids = existing.stream().map(Pool::id).collect(Collectors.toSet());
    List<PoolAgreement> gone =
        all.values().stream()
            .filter(pool -> pool.pool().isInFile())
            .filter(pool -> !ids.contains(pool.id()) || going.contains(pool.id()))
            .toList();
    List<KnownPool> had = gone.stream().map(PoolAgreement::pool).toList();
    for (Pool pool : existing) {
      KnownPool known = of(pool.id()).pool();
      if (!known.isInFile()) {
        known.earlier().added(pool, had);
        all.values().forEach(each -> each.pool().earlier().cameBack(known));
      }
    }
    for (PoolAgreement pool : gone) {
      if (!ids.contains(pool.id())) {
        absent.put(pool.id(), pool);
        pool.removed();
      }
    }
  }

  /** Whether the file of a replica of the electorate has the pool. */
  boolean isKnown(PoolId pool) {
    return !agreement.members.actors(pool, agreement.loop.nanoTime()).isEmpty();
  }

  /**
   * How the pool {@code before} became the pool {@code after} with these servers, by the files of
   * other replicas: empty if it did not, as one of them has both.
   */
  Optional<RenamedPool> renamed(PoolId before, PoolId after, Set<ServerIdentity> servers) {
    Optional<RenamedPool> renamed = Optional.empty();
    for (Voter voter : agreement.electorate()) {
      Ballot ballot = voter.ballot(before);
      if (ballot != null && voter.ballot(after) != null) {
        return Optional.empty();
      }
      if (ballot != null && renamed.isEmpty()) {
        renamed = RenamedPool.of(ballot.votes().keySet(), servers);
      }
    }
    return renamed;
  }

  /** The voter, with its ballot on a pool that it knows by a name which this file lacks. */
  Voter standingFor(Voter voter, PoolId pool, Set<ServerIdentity> servers) {
    if (voter.ballot(pool) == null) {
      for (Map.Entry<PoolId, Ballot> other : voter.ballots().entrySet()) {
        Ballot ballot = other.getValue();
        RenamedPool renamed =
            of(other.getKey()).pool().isInFile()
                ? null
                : RenamedPool.of(ballot.votes().keySet(), servers).orElse(null);
        if (renamed != null) {
          return voter.with(pool, ballot.renamed(renamed));
        }
      }
    }
    return voter;
  }

  /**
   * The agreement on a pool, or this replica's turn, may have changed: tells the monitor when the
   * current task has ended.
   */
  void changed(PoolId pool) {
    if (due.isEmpty()) {
      agreement.loop.execute(this::reportChanges);
    }
    due.add(pool);
  }

  /**
   * Runs a task after the monitor was told of all that has changed, and of what follows from that,
   * and has published it.
   */
  void whenReported(Runnable task) {
    // Behind reportChanges, behind each reportChange, and behind those for other pools.
    later(task, 4);
  }

  private void later(Runnable task, int tasks) {
    agreement.loop.execute(
        () -> {
          if (tasks == 1) {
            task.run();
          } else {
            later(task, tasks - 1);
          }
        });
  }

  private void reportChanges() {
    Set<PoolId> now = Set.copyOf(due);
    due.clear();
    for (PoolId pool : now) {
      // A task for each pool: one that fails must not keep the news from the others.
      agreement.loop.execute(() -> reportChange(pool));
    }
  }

  private void reportChange(PoolId pool) {
    try {
      advance(pool);
    } finally {
      agreement.changed(pool);
    }
  }

  private void advance(PoolId pool) {
    of(pool).advance();
    if (!of(pool).pool().isInFile()) {
      all.values().stream()
          .filter(each -> each.pool().isInFile() && each.pool().isBehind())
          .forEach(each -> changed(each.id()));
    }
  }
}
