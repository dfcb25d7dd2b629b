package dev.understudy.agreement.quorum;

import dev.understudy.agreement.AgreedRole;
import dev.understudy.agreement.DecisionThread;
import dev.understudy.agreement.ServerIdentity;
import dev.understudy.agreement.register.RegisterEntry;
import dev.understudy.failover.Candidate;
import dev.understudy.failover.FailbackEligibility;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerId;
import dev.understudy.switchover.Acknowledgement;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One pool: this replica's view and votes, the record in force, and the choice that this replica
 * made alone while out of touch.
 */
final class PoolAgreement {
  private static final Logger log = LoggerFactory.getLogger(PoolAgreement.class);

  /** Head start of each replica in the {@link Ranking} over the next one. */
  static final Duration STEP = Duration.ofMillis(150);

  private static final Duration TRY_AGAIN = Duration.ofMillis(500);

  /**
   * A choice made alone.
   *
   * @param basis the epoch that was agreed on then
   */
  private record Local(AgreedRole agreed, long basis) {}

  private final Participation agreement;
  private final PoolId id;
  private final RecordWriter writer;
  private final OperatorActs acts;
  private final EarlierPools earlier;
  private @Nullable Pool file;
  private @Nullable Pool inForce;
  private Map<ServerId, Candidate> own = Map.of();
  private PoolRecord known = PoolRecord.NONE;
  private @Nullable PoolRecord found;

  private @Nullable Instant lastFailback;
  private @Nullable Local local;
  private @Nullable Ballot ballot;
  private @Nullable Acknowledgement acknowledgement;
  private boolean planned;

  /** Whether the other replicas know this one's present votes on the pool. */
  private boolean votesKnown;

  private DecisionThread.Timer fitnessTimer = () -> {};
  private final UnknownServers unknown = new UnknownServers();
  private DecisionThread.Timer unknownTimer = () -> {};

  PoolAgreement(Participation agreement, PoolId id) {
    this.agreement = agreement;
    this.id = id;
    this.writer = new RecordWriter(agreement, id);
    this.acts = new OperatorActs(agreement, this, writer);
    this.earlier = new EarlierPools(agreement.pools, id);
  }

  PoolId id() {
    return id;
  }

  /** What operators set. */
  OperatorActs acts() {
    return acts;
  }

  /** The pools that this one was. */
  EarlierPools earlier() {
    return earlier;
  }

  /** The record in force; until it is taken along, that of the pool which this one was. */
  PoolRecord known() {
    PoolRecord before = before();
    return before == null ? known : before;
  }

  /** The record in force, by this name. */
  PoolRecord written() {
    return known;
  }

  /** The record that is still to be taken along; null if there is none. */
  private @Nullable PoolRecord before() {
    PoolRecord before = earlier.record(isInFile());
    return earlier.isAhead(before, known) ? before : null;
  }

  /** Whether this replica's file has the pool. */
  boolean isInFile() {
    return file != null;
  }

  /** This replica's votes; null if its file does not have the pool. */
  @Nullable Ballot ballot() {
    return ballot;
  }

  /**
   * Those whose votes count: of replicas whose files have the pool under another name, as if they
   * were on this one; not those of replicas that lack the pool, which send its servers nothing. A
   * pool without a record is begun by those that have it.
   */
  private List<Voter> electorate() {
    return agreement.electorate().stream()
        .map(earlier::standingFor)
        .filter(voter -> voter.ballot(id) != null || (known.epoch() > 0 && voter.abstains()))
        .toList();
  }

  /** Whether a replica's file has the pool, by this name or another. */
  boolean isOnBallotOf(Voter voter) {
    return earlier.standingFor(voter).ballot(id) != null;
  }

  /** The pool was removed from the file; the agreement on it is kept. */
  void removed() {
    file = null;
    inForce = null;
    own = Map.of();
    local = null;
    fitnessTimer.cancel();
    unknownTimer.cancel();
    vote();
  }

  /** Takes this replica's view, votes and advances. */
  void report(Pool newFile, Pool newInForce, Map<ServerId, Candidate> seen) {
    if (!newFile.equals(file)) {
      earlier.has(newFile);
    }
    file = newFile;
    inForce = newInForce;
    own = Map.copyOf(seen);
    vote();
    advance();
  }

  /** Takes the register's record; null if there is none. */
  void found(@Nullable RegisterEntry entry) {
    found = entry == null ? null : RecordCodec.read(entry.document());
    writer.found(entry);
    if (isConsistent()) {
      writer.follow();
      follow(found == null ? PoolRecord.NONE : found);
    }
    advance();
    agreement.pools.changed(id);
  }

  private void follow(PoolRecord next) {
    if (next.failbackEpoch() != known.failbackEpoch() || next.gaveFailbackUp(known)) {
      lastFailback = agreement.loop.now();
    }
    known = next;
    if (local != null && next.epoch() > local.basis()) {
      local = null;
    }
    vote();
  }

  /** Tells the other replicas of a planned switch; null to tell nothing. */
  void acknowledge(@Nullable Acknowledgement given) {
    acknowledgement = given;
    vote();
  }

  /** The agreement in force here; empty if there has been none yet. */
  Optional<AgreedRole> agreed() {
    if (local != null) {
      return Optional.of(local.agreed());
    }
    PoolRecord record = known();
    return record.epoch() == 0 ? Optional.empty() : Optional.of(record.agreed(lastFailback));
  }

  /** Whether servers may be told the epoch while this replica is in touch. */
  boolean isEpochTrusted() {
    return local == null && known.epoch() > 0 && isConsistent();
  }

  Map<ServerId, Candidate> view(Pool pool, Map<ServerId, Candidate> seen) {
    if (agreement.contact.isAlone()) {
      return withoutFailback(withoutReusedName(pool, seen));
    }
    List<Voter> electorate = electorate();
    return electorate.isEmpty()
        ? seen
        : MergedVotes.of(pool, known(), electorate, seen, agreement.loop.now()).candidates();
  }

  /** Prevents failbacks: only all replicas together leave a usable server for a better one. */
  private static Map<ServerId, Candidate> withoutFailback(Map<ServerId, Candidate> seen) {
    Map<ServerId, Candidate> notFit = new HashMap<>(seen);
    notFit.replaceAll((server, candidate) -> candidate.notFit());
    return notFit;
  }

  /** Removes the server to which a new file gave the serving server's name. */
  private Map<ServerId, Candidate> withoutReusedName(Pool pool, Map<ServerId, Candidate> seen) {
    AgreedRole agreed = agreed().orElse(null);
    ServerId serving = agreed == null ? null : agreed.roleState().serving();
    Server server = serving == null ? null : pool.server(serving);
    if (agreed == null || server == null || agreed.isOf(server)) {
      return seen;
    }
    Map<ServerId, Candidate> others = new HashMap<>(seen);
    others.remove(server.id());
    return others;
  }

  Optional<Duration> turn(int passed) {
    if (inForce == null || inForce.mode() == PoolMode.BALANCE) {
      return Optional.empty(); // No server serves here; the other replicas' files may be older.
    }
    if (agreement.contact.isAlone()) {
      return Optional.of(Duration.ZERO);
    }
    return local == null && mayDecide() ? Optional.of(rankDelay(passed)) : Optional.empty();
  }

  /** Whether a decision of this replica would rest on what all replicas know. */
  private boolean mayDecide() {
    return mayWrite() && isConsistent() && isNewest() && !isBehind() && isHolderKnown();
  }

  private boolean mayWrite() {
    return agreement.contact.check() && votesKnown && !writer.isWriting();
  }

  /** Whether no other replica knows a higher epoch. */
  private boolean isNewest() {
    return agreement.members.newestEpoch(id, agreement.loop.nanoTime()) <= known.epoch();
  }

  /** Whether what is agreed on the pool that this one was is still to be taken along. */
  boolean isBehind() {
    return before() != null;
  }

  /** Whether the record may be replaced now: it is the register's, and no write is under way. */
  boolean mayReplace() {
    return !writer.isWriting() && isConsistent();
  }

  private boolean isConsistent() {
    return known.follows(found);
  }

  /** Whether the holder may be left: not if only this replica's file lacks it. */
  private boolean isHolderKnown() {
    ServerIdentity holder = known.holder();
    return holder == null
        || (inForce != null && holder.isIn(inForce))
        || MergedVotes.isGone(id, holder, electorate());
  }

  private Duration rankDelay(int passed) {
    return STEP.multipliedBy(agreement.members.rank(id, passed, agreement.loop.nanoTime()));
  }

  /** Proposes {@code next}; what changes no server is written only in touch. */
  CompletableFuture<AgreedRole> propose(AgreedRole current, AgreedRole next) {
    if (agreement.contact.isAlone()) {
      return CompletableFuture.completedFuture(
          next.roleState().epoch() == current.roleState().epoch()
              ? current
              : actAlone(current, next));
    }
    if (!mayReplace()) {
      return CompletableFuture.failedFuture(
          new IllegalStateException("another write of its record is under way"));
    }
    if (!isSame(current)) {
      return CompletableFuture.failedFuture(
          new IllegalStateException("another replica made a change first"));
    }
    boolean sameEpoch = next.roleState().epoch() == known.epoch();
    if (sameEpoch && local != null) {
      return CompletableFuture.failedFuture(
          new IllegalStateException(
              "this replica's choice while it was out of touch is not settled yet"));
    }
    // A file that moved or removed the holder does not change the holder of this epoch.
    ServerIdentity holder = sameEpoch ? known.holder() : identity(next.roleState().serving());
    PoolRecord record = known.next(next, holder, agreement.replica());
    return writer
        .write(record)
        .thenCompose(
            ours ->
                // The store lost or set back the record: this change repairs it, too.
                !ours && !isConsistent() && !sameEpoch && isNewest()
                    ? writer.write(record)
                    : CompletableFuture.completedFuture(ours))
        .thenApply(
            ours -> {
              if (ours && record.epoch() != 0) {
                if (sameEpoch && record.pinned() != (current.roleState().pinned() != null)) {
                  AgreementEventText.pin(agreement.register, id, record);
                } else if (!sameEpoch) {
                  AgreementEventText.decision(agreement.register, id, record);
                }
              }
              return agreed().orElseGet(() -> AgreedRole.nothing(agreement.loop.wall()));
            });
  }

  /** Whether what a change begins from is still agreed: other news may be on its way to it. */
  private boolean isSame(AgreedRole current) {
    AgreedRole now = agreed().orElse(null);
    return now == null
        || (now.roleState().epoch() == current.roleState().epoch()
            && Objects.equals(now.roleState().pinned(), current.roleState().pinned())
            && Objects.equals(now.planned(), current.planned()));
  }

  private @Nullable ServerIdentity identity(@Nullable ServerId serving) {
    Server server = serving == null || inForce == null ? null : inForce.server(serving);
    return server == null ? null : ServerIdentity.of(server);
  }

  /** Chooses without beginning an epoch: only an agreement does. */
  private AgreedRole actAlone(AgreedRole current, AgreedRole next) {
    ServerId serving = next.roleState().serving();
    long begun = Math.max(known().epoch(), current.roleState().epoch());
    long epoch = Math.max(begun, serving == null ? 0 : 1);
    AgreedRole agreed =
        next.with(next.roleState().unpinned().inEpoch(epoch))
            .with(
                new AgreedRole.Decision(
                    next.reason(),
                    next.since(),
                    next.evidence() + "; decided alone, out of touch with the other replicas",
                    agreement.replica()))
            .with(identity(serving));
    local = new Local(agreed, known().epoch());
    vote();
    return agreed;
  }

  /** Repairs the record, or settles the choice made alone, when it is time. */
  void advance() {
    if (!mayWrite() || planned || !isNewest()) {
      return;
    }
    if (!isConsistent()) {
      plan(this::repair);
    } else if (isBehind()) {
      plan(this::takeAlong);
    } else if (local != null) {
      settle();
    } else if (isAnyUnknown()) {
      plan(this::forgetUnknown);
    }
  }

  /** Whether operators' states are to be forgotten, as nobody has their servers any more. */
  private boolean isAnyUnknown() {
    unknownTimer.cancel();
    long now = agreement.loop.nanoTime();
    boolean any = isInFile() && !known.operatorStates().states().isEmpty();
    unknown.update(any ? unknownServers() : Set.of(), now);
    Duration next = unknown.next(now);
    if (next != null) {
      unknownTimer = agreement.loop.schedule(next, this::advance);
    }
    return !unknown.due(now).isEmpty();
  }

  private Set<ServerId> unknownServers() {
    List<Voter> voters = agreement.electorate();
    // By another name, its servers may have other names, too.
    return voters.stream().anyMatch(each -> each.ballot(id) == null && isOnBallotOf(each))
        ? Set.of()
        : UnknownServers.of(id, known, voters);
  }

  private void forgetUnknown() {
    if (isConsistent() && isNewest() && isAnyUnknown()) {
      Set<ServerId> due = unknown.due(agreement.loop.nanoTime());
      log.info(
          "Pool {}: the operators' states of servers that nobody has any more are forgotten: {}",
          id,
          due);
      var unused =
          writer
              .write(known.with(known.operatorStates().without(due)))
              .exceptionally(failure -> false);
    }
  }

  private void plan(Runnable task) {
    planned = true;
    var unused =
        agreement.loop.schedule(
            rankDelay(0),
            () -> {
              planned = false;
              if (mayWrite()) {
                task.run();
              }
            });
  }

  /** Makes the record that of the pool which this one was. */
  private void takeAlong() {
    PoolRecord before = before();
    if (before != null && isConsistent()) {
      write(earlier.takenAlong(before, known));
    }
  }

  private void repair() {
    if (isConsistent() || !isNewest()) {
      return;
    }
    String what =
        found == null
            ? "its record was missing"
            : "its record was set back or edited: epoch " + found.epoch();
    write(known.repaired(known.epoch() + 1, agreement.replica(), what + "; written anew"));
  }

  /** Makes the choice made alone the record, decides anew, or drops it. */
  private void settle() {
    Local alone = local;
    Pool pool = inForce;
    if (alone == null || pool == null) {
      return;
    }
    if (pool.mode() == PoolMode.BALANCE) {
      endLocal();
      return;
    }
    Settlement.Step step =
        settlement(pool)
            .step(
                alone.agreed().roleState().serving(),
                isHolderKnown(),
                agreement.members.isSettled(agreement.loop.nanoTime()));
    switch (step) {
      case Settlement.Step.Wait wait -> {}
      case Settlement.Step.Drop drop -> endLocal();
      case Settlement.Step.Adopt adopt -> plan(this::adoptMajority);
      case Settlement.Step.Decide decide -> plan(() -> decideAnew(decide.to()));
    }
  }

  private Settlement settlement(Pool pool) {
    return new Settlement(
        pool, known, known.roleState(lastFailback), electorate(), own, agreement.loop.now());
  }

  private void endLocal() {
    local = null;
    vote();
    agreement.pools.changed(id);
  }

  private void adoptMajority() {
    Local alone = local;
    Pool pool = inForce;
    if (alone != null && pool != null && isConsistent()) {
      settlement(pool)
          .adopted(alone.agreed(), agreement.loop.wall(), agreement.replica())
          // The majority may have dissolved while others had their turn.
          .ifPresentOrElse(this::write, this::settle);
    }
  }

  private void decideAnew(@Nullable ServerId to) {
    Pool pool = inForce;
    if (local != null && pool != null && isConsistent()) {
      settlement(pool)
          .decided(to, agreement.loop.wall(), agreement.replica())
          .ifPresent(this::write);
    }
  }

  private void write(PoolRecord next) {
    var unused =
        writer
            .write(next)
            .whenComplete(
                (ours, failure) -> {
                  if (failure != null) {
                    var unusedTimer = agreement.loop.schedule(TRY_AGAIN, this::advance);
                  } else if (ours) {
                    AgreementEventText.decision(agreement.register, id, next);
                  }
                });
  }

  /** Votes again, if this replica's view changed. */
  void vote() {
    Ballot before = ballot;
    ballot = file == null ? null : ballotOf(file);
    if (!Objects.equals(ballot, before)) {
      agreement.ballotChanged();
      checkVotesKnown();
    }
  }

  /** Updates whether the other replicas know these votes. */
  void checkVotesKnown() {
    boolean now = agreement.areKnown(id, ballot);
    if (now != votesKnown) {
      votesKnown = now;
      if (now) {
        agreement.pools.changed(id);
      }
    }
  }

  private Ballot ballotOf(Pool pool) {
    Instant now = agreement.loop.now();
    FailbackEligibility fitness =
        FailbackEligibility.of(pool, own, known.roleState(lastFailback), now);
    fitnessTimer.cancel();
    Instant again = fitness.lookAgain();
    if (again != null) {
      fitnessTimer = agreement.loop.schedule(Duration.between(now, again), this::vote);
    }
    Map<ServerIdentity, Vote> votes = new HashMap<>();
    for (Server server : pool.servers()) {
      ServerIdentity identity = ServerIdentity.of(server);
      Candidate seen = inForce != null && identity.isIn(inForce) ? own.get(server.id()) : null;
      votes.put(identity, Vote.on(seen, fitness.fit().contains(server.id()), known.epoch()));
    }
    Local alone = local;
    Ballot.Acted acted =
        alone == null
            ? null
            : new Ballot.Acted(Optional.ofNullable(alone.agreed().identity()), alone.basis());
    boolean hooked = !pool.settings().hooks().isEmpty();
    return new Ballot(known.epoch(), acted, votes, acknowledgement, hooked);
  }

  /** The server that was chosen alone, "" for no server; null if there was no such choice. */
  @Nullable String localName() {
    Local alone = local;
    if (alone == null) {
      return null;
    }
    ServerId serving = alone.agreed().roleState().serving();
    return serving == null ? "" : serving.value();
  }
}
