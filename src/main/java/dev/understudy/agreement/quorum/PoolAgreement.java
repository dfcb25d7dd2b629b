package dev.understudy.agreement.quorum;

import dev.understudy.agreement.AgreedRole;
import dev.understudy.agreement.ServerIdentity;
import dev.understudy.agreement.register.RegisterEntry;
import dev.understudy.failover.Candidate;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerId;
import dev.understudy.switchover.Acknowledgement;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The agreement on one pool: the view of all replicas, whose turn it is, and the proposals that
 * become its record.
 */
final class PoolAgreement {
  private final Participation agreement;
  private final KnownPool pool;
  private final OwnVotes votes;
  private final RecordWriter writer;
  private final RecordUpkeep upkeep;
  private final OperatorActs acts;

  PoolAgreement(Participation agreement, PoolId id) {
    this.agreement = agreement;
    this.pool = new KnownPool(agreement, id);
    this.votes = new OwnVotes(agreement, pool);
    this.writer = new RecordWriter(agreement, pool);
    this.upkeep = new RecordUpkeep(agreement, pool, votes, writer);
    this.acts = new OperatorActs(agreement, pool, writer);
  }

  PoolId id() {
    return pool.id();
  }

  /** What this replica knows of the pool. */
  KnownPool pool() {
    return pool;
  }

  /** This replica's votes on the pool. */
  OwnVotes votes() {
    return votes;
  }

  /** What operators set. */
  OperatorActs acts() {
    return acts;
  }

  /** The pool was removed from the file; the agreement on it is kept. */
  void removed() {
    pool.removed();
    upkeep.stop();
    votes.vote();
  }

  /** Takes this replica's view, votes and advances. */
  void report(Pool newFile, Pool newInForce, Map<ServerId, Candidate> seen) {
    pool.report(newFile, newInForce, seen);
    votes.vote();
    upkeep.advance();
  }

  /** Takes the register's record; null if there is none. */
  void found(@Nullable RegisterEntry entry) {
    if (pool.found(entry)) {
      votes.vote();
    }
    upkeep.advance();
    agreement.pools.changed(id());
  }

  /** Does what the record calls for, once it is this replica's turn. */
  void advance() {
    upkeep.advance();
  }

  /** Tells the other replicas of a planned switch; null to tell nothing. */
  void acknowledge(@Nullable Acknowledgement given) {
    votes.acknowledge(given);
  }

  /** Whether servers may be told the epoch while this replica is in touch. */
  boolean isEpochTrusted() {
    return pool.local() == null && pool.written().epoch() > 0 && pool.isConsistent();
  }

  Map<ServerId, Candidate> view(Pool inForce, Map<ServerId, Candidate> seen) {
    if (agreement.contact.isAlone()) {
      return withoutFailback(withoutLateNews(withoutReusedName(inForce, seen)));
    }
    List<Voter> electorate = pool.electorate();
    return electorate.isEmpty()
        ? seen
        : MergedVotes.of(inForce, pool.known(), electorate, seen, agreement.loop.now())
            .candidates();
  }

  /** Prevents failbacks: only all replicas together leave a usable server for a better one. */
  private static Map<ServerId, Candidate> withoutFailback(Map<ServerId, Candidate> seen) {
    Map<ServerId, Candidate> notFit = new HashMap<>(seen);
    notFit.replaceAll((server, candidate) -> candidate.notFit());
    return notFit;
  }

  /**
   * Keeps the serving server if its checks are late: that it was bad once may be why the others
   * agreed otherwise.
   */
  private Map<ServerId, Candidate> withoutLateNews(Map<ServerId, Candidate> seen) {
    ServerId serving = pool.agreed().map(agreed -> agreed.roleState().serving()).orElse(null);
    Candidate serves = serving == null ? null : seen.get(serving);
    if (serving == null || serves == null || !serves.late()) {
      return seen;
    }
    Map<ServerId, Candidate> kept = new HashMap<>(seen);
    kept.put(serving, serves.up());
    return kept;
  }

  /** Removes the server to which a new file gave the serving server's name. */
  private Map<ServerId, Candidate> withoutReusedName(Pool inForce, Map<ServerId, Candidate> seen) {
    AgreedRole agreed = pool.agreed().orElse(null);
    ServerId serving = agreed == null ? null : agreed.roleState().serving();
    Server server = serving == null ? null : inForce.server(serving);
    if (agreed == null || server == null || agreed.isOf(server)) {
      return seen;
    }
    Map<ServerId, Candidate> others = new HashMap<>(seen);
    others.remove(server.id());
    return others;
  }

  Optional<Duration> turn(int passed) {
    Pool inForce = pool.inForce();
    if (inForce == null || inForce.mode() == PoolMode.BALANCE) {
      return Optional.empty(); // No server serves here; the other replicas' files may be older.
    }
    if (agreement.contact.isAlone()) {
      return Optional.of(Duration.ZERO);
    }
    return pool.local() == null && mayDecide()
        ? Optional.of(upkeep.rankDelay(passed))
        : Optional.empty();
  }

  /** Whether a decision of this replica would rest on what all replicas know. */
  private boolean mayDecide() {
    return upkeep.mayWrite()
        && pool.isConsistent()
        && pool.isNewest()
        && !pool.isBehind()
        && pool.isHolderKnown();
  }

  /** Proposes {@code next}; what changes no server is written only in touch. */
  CompletableFuture<AgreedRole> propose(AgreedRole current, AgreedRole next) {
    if (agreement.contact.isAlone()) {
      return CompletableFuture.completedFuture(proposeAlone(current, next));
    }
    PoolRecord known = pool.written();
    boolean sameEpoch = next.roleState().epoch() == known.epoch();
    String whyNot = whyNot(current, sameEpoch);
    if (whyNot != null) {
      return CompletableFuture.failedFuture(new IllegalStateException(whyNot));
    }
    // A file that moved or removed the holder does not change the holder of this epoch.
    ServerIdentity holder = sameEpoch ? known.holder() : pool.identity(next.roleState().serving());
    PoolRecord record = known.next(next, holder, agreement.replica());
    return writer
        .write(record)
        .thenCompose(
            ours ->
                // The store lost or set back the record: this change repairs it, too.
                !ours && !pool.isConsistent() && !sameEpoch && pool.isNewest()
                    ? writer.write(record)
                    : CompletableFuture.completedFuture(ours))
        .thenApply(
            ours -> {
              if (ours && record.epoch() != 0) {
                if (sameEpoch && record.pinned() != (current.roleState().pinned() != null)) {
                  AgreementEventText.pin(agreement.register, id(), record);
                } else if (!sameEpoch) {
                  AgreementEventText.decision(agreement.register, id(), record);
                }
              }
              return pool.agreed().orElseGet(() -> AgreedRole.nothing(agreement.loop.wall()));
            });
  }

  /** Why nothing can be proposed in the place of {@code current} now; null if it can. */
  private @Nullable String whyNot(AgreedRole current, boolean sameEpoch) {
    if (writer.isWriting() || !pool.isConsistent()) {
      return "another write of its record is under way";
    }
    if (!pool.isAgreed(current)) {
      return "another replica made a change first";
    }
    return sameEpoch && pool.local() != null
        ? "this replica's choice while it was out of touch is not settled yet"
        : null;
  }

  private AgreedRole proposeAlone(AgreedRole current, AgreedRole next) {
    AgreedRole agreed = pool.agreed().orElse(current);
    if (agreed.roleState().epoch() > current.roleState().epoch()) {
      return agreed; // Read just now: what follows from an earlier epoch must not replace it.
    }
    return next.roleState().epoch() == current.roleState().epoch()
        ? current
        : actAlone(current, next);
  }

  private AgreedRole actAlone(AgreedRole current, AgreedRole next) {
    ServerIdentity identity = pool.identity(next.roleState().serving());
    LocalChoice alone =
        LocalChoice.of(current, next, identity, pool.known().epoch(), agreement.replica());
    pool.choose(alone);
    votes.vote();
    return alone.agreed();
  }
}
