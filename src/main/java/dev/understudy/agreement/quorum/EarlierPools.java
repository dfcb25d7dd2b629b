package dev.understudy.agreement.quorum;

import dev.understudy.agreement.RenamedPool;
import dev.understudy.agreement.ServerIdentity;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The pools that one pool was, for this replica's file or for others: they have its servers, and
 * what is agreed on them is taken along.
 */
final class EarlierPools {
  private final PoolAgreements pools;
  private final PoolId id;

  /** The pool of the file before whose servers are this one's; null if none is known. */
  private @Nullable KnownPool before;

  /** Whether what is agreed on that one is still to be taken along. */
  private boolean takesAlong;

  /** Of the pool in the file; if the file lacks it, of the pool before. */
  private Set<ServerIdentity> servers = Set.of();

  EarlierPools(PoolAgreements pools, PoolId id) {
    this.pools = pools;
    this.id = id;
  }

  /** The servers that the pool has now, as ballots name them: with those that were found. */
  void has(Pool file) {
    servers = file.servers().stream().map(ServerIdentity::of).collect(Collectors.toSet());
  }

  /** The file has the pool now, and had others. */
  void added(Pool added, Collection<KnownPool> gone) {
    has(added);
    List<KnownPool> had =
        gone.stream().filter(pool -> pool.earlier().became(servers).isPresent()).toList();
    // Of several with the same servers nobody can tell which one this was.
    before = had.size() == 1 ? had.getFirst() : null;
    takesAlong = before != null && !pools.isKnown(id);
  }

  /** A pool is in the file again: this one was not renamed from it, or is another by now. */
  void cameBack(KnownPool pool) {
    if (pool.equals(before)) {
      before = null;
      takesAlong = false;
    }
  }

  private Optional<RenamedPool> became(Set<ServerIdentity> after) {
    return RenamedPool.of(servers, after);
  }

  /** The voter, with its ballot on this pool if it knows that by another name. */
  Voter standingFor(Voter voter) {
    return pools.standingFor(voter, id, servers);
  }

  /**
   * The newest record of a pool that this one was.
   *
   * @param inFile whether the file has this one
   */
  @Nullable PoolRecord record(boolean inFile) {
    PoolRecord newest = before == null ? null : record(before);
    if (inFile || before != null) {
      for (PoolAgreement each : pools.absent()) {
        PoolRecord record = record(each.pool());
        if (record != null && (newest == null || record.epoch() > newest.epoch())) {
          newest = record;
        }
      }
    }
    return newest;
  }

  private @Nullable PoolRecord record(KnownPool other) {
    if (other.written().isEmpty()) {
      return null;
    }
    Optional<RenamedPool> renamed =
        other.equals(before)
            ? other.earlier().became(servers)
            : pools.renamed(other.id(), id, servers);
    return renamed.map(other.written()::renamed).orElse(null);
  }

  /** Whether that earlier record is still to be taken along. */
  boolean isAhead(@Nullable PoolRecord earlier, PoolRecord known) {
    return earlier != null
        && !earlier.equals(known)
        && RenamedPool.isTakenAlong(earlier.epoch(), known.epoch(), isAnew(known));
  }

  /** Whether nothing is known under this name, or nothing was as the file renamed the pool. */
  private boolean isAnew(PoolRecord known) {
    return takesAlong || known.isEmpty();
  }

  /** The record once that earlier one is taken along; what operators set under this name stands. */
  PoolRecord takenAlong(PoolRecord earlier, PoolRecord known) {
    boolean anew = isAnew(known);
    takesAlong = false;
    return anew ? earlier : earlier.with(known.operatorStates());
  }
}
