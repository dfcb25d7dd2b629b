package dev.understudy.agreement.quorum;

import dev.understudy.agreement.AgreedRole;
import dev.understudy.agreement.ServerIdentity;
import dev.understudy.agreement.register.RegisterDocument;
import dev.understudy.agreement.register.RegisterEntry;
import dev.understudy.failover.Candidate;
import dev.understudy.failover.RoleState;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What this replica knows of one pool: the pool of its file, its own view, the record in force, and
 * the choice that it made alone while out of touch.
 */
final class KnownPool {
  private final Participation agreement;
  private final PoolId id;
  private final EarlierPools earlier;
  private @Nullable Pool file;
  private @Nullable Pool inForce;
  private Set<String> addresses = Set.of();
  private Map<ServerId, Candidate> own = Map.of();

  /** The record in force, by this name. */
  private PoolRecord known = PoolRecord.NONE;

  /** What the record in force was read from; null if there is none. */
  private @Nullable RegisterEntry entry;

  /** The register's record; null if there is none. */
  private @Nullable PoolRecord found;

  /** What it was read from. */
  private @Nullable RegisterEntry foundEntry;

  /** When this replica saw the last failback, by its own clock. */
  private @Nullable Instant lastFailback;

  private @Nullable LocalChoice local;

  KnownPool(Participation agreement, PoolId id) {
    this.agreement = agreement;
    this.id = id;
    this.earlier = new EarlierPools(agreement.pools, id);
  }

  PoolId id() {
    return id;
  }

  /** The pools that this one was. */
  EarlierPools earlier() {
    return earlier;
  }

  /** The pool as this replica's file has it; null if the file does not have it. */
  @Nullable Pool file() {
    return file;
  }

  boolean isInFile() {
    return file != null;
  }

  /**
   * The pool in force: as in the file, but with the serving server until all have left it; null if
   * the file does not have it.
   */
  @Nullable Pool inForce() {
    return inForce;
  }

  /** Hashes of the addresses of its servers, as {@link ServerIdentity#address}. */
  Set<String> addresses() {
    return addresses;
  }

  /** This replica's view of the servers in force. */
  Map<ServerId, Candidate> own() {
    return own;
  }

  /** The choice that this replica made alone; null if none is in force. */
  @Nullable LocalChoice local() {
    return local;
  }

  /** Takes this replica's view. */
  void report(Pool newFile, Pool newInForce, Map<ServerId, Candidate> seen) {
    if (!newFile.equals(file)) {
      earlier.has(newFile);
    }
    if (!newFile.equals(file) || !newInForce.equals(inForce)) {
      addresses =
          Stream.concat(newFile.servers().stream(), newInForce.servers().stream())
              .map(server -> ServerIdentity.of(server).address())
              .collect(Collectors.toUnmodifiableSet());
    }
    file = newFile;
    inForce = newInForce;
    own = Map.copyOf(seen);
  }

  /** The pool was removed from the file; the agreement on it is kept. */
  void removed() {
    file = null;
    inForce = null;
    own = Map.of();
    local = null;
  }

  /** This replica makes a choice alone, or with null follows the record again. */
  void choose(@Nullable LocalChoice alone) {
    local = alone;
  }

  /**
   * Takes the register's record; null if there is none.
   *
   * @return whether it is in force from now on, see {@link PoolRecord#follows}
   */
  boolean found(@Nullable RegisterEntry record) {
    found = record == null ? null : RecordCodec.read(record.document());
    foundEntry = record;
    if (!isConsistent()) {
      return false;
    }
    PoolRecord next = found == null ? PoolRecord.NONE : found;
    if (next.failbackEpoch() != known.failbackEpoch() || next.gaveFailbackUp(known)) {
      lastFailback = agreement.loop.now();
    }
    known = next;
    entry = record;
    if (local != null && next.epoch() > local.basis()) {
      local = null;
    }
    return true;
  }

  /** The record in force, by this name. */
  PoolRecord written() {
    return known;
  }

  /** The revision of the record in force; 0 if there is none. */
  long revision() {
    return revision(entry);
  }

  private static long revision(@Nullable RegisterEntry entry) {
    return entry == null ? 0 : entry.revision();
  }

  /** The document of the record in force; null if there is none. */
  @Nullable RegisterDocument document() {
    return entry == null ? null : entry.document();
  }

  /** The revision of the register's record; 0 if there is none. */
  long foundRevision() {
    return revision(foundEntry);
  }

  /** The register's record; null if there is none. */
  @Nullable PoolRecord found() {
    return found;
  }

  /** The record in force; until it is taken along, that of the pool which this one was. */
  PoolRecord known() {
    PoolRecord before = before();
    return before == null ? known : before;
  }

  /** The record that is still to be taken along; null if there is none. */
  @Nullable PoolRecord before() {
    PoolRecord before = earlier.record(isInFile());
    return earlier.isAhead(before, known) ? before : null;
  }

  /** Whether what is agreed on the pool that this one was is still to be taken along. */
  boolean isBehind() {
    return before() != null;
  }

  /** Whether the record in force is the register's. */
  boolean isConsistent() {
    return known.follows(found);
  }

  /** Whether no other replica knows a newer record. */
  boolean isNewest() {
    boolean forked = found != null && found.epoch() == known.epoch() && !isConsistent();
    return agreement.members.isNewest(
        id,
        known.epoch(),
        revision(),
        forked ? foundRevision() : Long.MAX_VALUE,
        agreement.loop.nanoTime());
  }

  /** Whether the holder may be left: not if only this replica's file lacks it. */
  boolean isHolderKnown() {
    ServerIdentity holder = known.holder();
    return holder == null
        || (inForce != null && holder.isIn(inForce))
        || MergedVotes.isGone(id, holder, electorate());
  }

  /** The role state of the record, by this name. */
  RoleState roleState() {
    return known.roleState(lastFailback);
  }

  /** The agreement in force here; empty if there has been none yet. */
  Optional<AgreedRole> agreed() {
    if (local != null) {
      return Optional.of(local.agreed());
    }
    PoolRecord record = known();
    return record.epoch() == 0 ? Optional.empty() : Optional.of(record.agreed(lastFailback));
  }

  /**
   * Whether the replicas still agree on the state that a change begins from: news that the caller
   * has not seen may have changed it.
   */
  boolean isAgreed(AgreedRole current) {
    AgreedRole now = agreed().orElse(null);
    return now == null
        || (now.roleState().epoch() == current.roleState().epoch()
            && Objects.equals(now.roleState().pinned(), current.roleState().pinned())
            && Objects.equals(now.planned(), current.planned()));
  }

  /**
   * The voters whose votes on the pool count. Votes of replicas whose files have it under another
   * name are taken as votes on this one; replicas that lack the pool do not count, as they send its
   * servers nothing. A pool without a record is begun by those that have it.
   */
  List<Voter> electorate() {
    return agreement.electorate().stream()
        .map(earlier::standingFor)
        .filter(voter -> voter.ballot(id) != null || (known.epoch() > 0 && voter.abstains()))
        .toList();
  }

  /** Whether a replica's file has the pool, by this name or another. */
  boolean isOnBallotOf(Voter voter) {
    return earlier.standingFor(voter).ballot(id) != null;
  }

  /** The identity of a server in force; null if no server in force has that name. */
  @Nullable ServerIdentity identity(@Nullable ServerId serving) {
    Server server = serving == null || inForce == null ? null : inForce.server(serving);
    return server == null ? null : ServerIdentity.of(server);
  }
}
