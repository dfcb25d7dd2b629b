package dev.understudy.agreement.quorum;

import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.ServerId;
import dev.understudy.recurring.Timers;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one pool's record calls for without a choice of its server. The first row that fits holds;
 * each replica waits for its turn.
 *
 * <table>
 * <caption>Work on the record</caption>
 * <tr><th>seen<th>work
 * <tr><td>this replica only follows now, and made a choice alone before<td>drops it, where {@link
 *     Settlement} says so; all else is left to the others
 * <tr><td>this replica may not write now, or its next work is planned<td>none
 * <tr><td>another replica knows a newer record<td>none
 * <tr><td>the register lost the record, or set it back<td>repairs it
 * <tr><td>what is agreed on the pool that this one was is ahead<td>takes it along
 * <tr><td>this replica made a choice alone<td>settles it, see {@link Settlement}
 * <tr><td>operators' states of servers that nobody has any more<td>forgets them
 * </table>
 */
final class RecordUpkeep {
  private static final Logger log = LoggerFactory.getLogger(RecordUpkeep.class);

  /** Head start of each replica in the {@link Ranking} over the next one. */
  private static final Duration STEP = Duration.ofMillis(150);

  private static final Duration TRY_AGAIN = Duration.ofMillis(500);

  private final Participation agreement;
  private final KnownPool pool;
  private final OwnVotes votes;
  private final RecordWriter writer;
  private final AbsentServers unknown = new AbsentServers();
  private boolean planned;
  private Timers.Timer unknownTimer = () -> {};

  RecordUpkeep(Participation agreement, KnownPool pool, OwnVotes votes, RecordWriter writer) {
    this.agreement = agreement;
    this.pool = pool;
    this.votes = votes;
    this.writer = writer;
  }

  /** Whether a write of this replica would rest on votes that all know. */
  boolean mayWrite() {
    return agreement.contact.check() && votes.areKnown() && !writer.isWriting();
  }

  /** How long this replica waits for those that come before it. */
  Duration rankDelay(int passed) {
    return STEP.multipliedBy(agreement.members.rank(pool.id(), passed, agreement.loop.nanoTime()));
  }

  /** The pool was removed from the file. */
  void stop() {
    unknownTimer.cancel();
  }

  /** Plans the work that is due. */
  void advance() {
    if (agreement.contact.hasLeft()) {
      boolean mayJudge = agreement.contact.isInformed() && !pool.electorate().isEmpty();
      if (mayJudge && way() instanceof Settlement.Way.Drop) {
        followRecord();
      }
      return;
    }
    if (!mayWrite() || planned || !pool.isNewest()) {
      return;
    }
    if (!pool.isConsistent()) {
      plan(this::repair);
    } else if (pool.isBehind()) {
      plan(this::takeAlong);
    } else if (pool.local() != null) {
      settle();
    } else if (isAnyUnknown()) {
      plan(this::forgetUnknown);
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

  private void repair() {
    if (pool.isConsistent() || !pool.isNewest()) {
      return;
    }
    PoolRecord known = pool.written();
    PoolRecord found = pool.found();
    String what =
        found == null
            ? "its record was missing"
            : "its record was set back or edited: epoch " + found.epoch();
    write(known.repaired(known.epoch() + 1, agreement.replica(), what + "; written anew"));
  }

  /** Takes over the record of the pool that this one was under its earlier name. */
  private void takeAlong() {
    PoolRecord before = pool.before();
    if (before != null && pool.isConsistent()) {
      write(pool.earlier().takenAlong(before, pool.written()));
    }
  }

  /** What becomes of the choice made alone; there is nothing to wait for without one. */
  private Settlement.Way way() {
    LocalChoice alone = pool.local();
    Pool inForce = pool.inForce();
    if (alone == null || inForce == null) {
      return new Settlement.Way.Wait();
    }
    return inForce.mode() == PoolMode.BALANCE
        ? new Settlement.Way.Drop()
        : settlement(inForce)
            .way(
                alone.serving(),
                pool.isHolderKnown(),
                agreement.members.isSettled(agreement.loop.nanoTime()));
  }

  /** Makes the choice made alone the record, decides anew, or drops it. */
  private void settle() {
    switch (way()) {
      case Settlement.Way.Wait wait -> {}
      case Settlement.Way.Drop drop -> followRecord();
      case Settlement.Way.Adopt adopt -> plan(this::adoptMajority);
      case Settlement.Way.Decide decide -> plan(() -> decideAnew(decide.to()));
    }
  }

  private Settlement settlement(Pool inForce) {
    return new Settlement(
        inForce,
        pool.written(),
        pool.roleState(),
        pool.electorate(),
        pool.own(),
        agreement.loop.now());
  }

  private void followRecord() {
    pool.choose(null);
    votes.vote();
    agreement.pools.changed(pool.id());
  }

  private void adoptMajority() {
    LocalChoice alone = pool.local();
    Pool inForce = pool.inForce();
    if (alone != null && inForce != null && pool.isConsistent()) {
      settlement(inForce)
          .adopted(alone.agreed(), agreement.loop.wall(), agreement.replica())
          // The majority may have dissolved while others had their turn.
          .ifPresentOrElse(this::write, this::settle);
    }
  }

  private void decideAnew(@Nullable ServerId to) {
    Pool inForce = pool.inForce();
    if (pool.local() != null && inForce != null && pool.isConsistent()) {
      settlement(inForce)
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
                    AgreementEventText.decision(agreement.register, pool.id(), next);
                  }
                });
  }

  /** Whether operators' states are to be forgotten, as nobody has their servers any more. */
  private boolean isAnyUnknown() {
    unknownTimer.cancel();
    long now = agreement.loop.nanoTime();
    boolean any = pool.isInFile() && !pool.written().operatorStates().states().isEmpty();
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
    return voters.stream()
            .anyMatch(each -> each.ballot(pool.id()) == null && pool.isOnBallotOf(each))
        ? Set.of()
        : AbsentServers.of(pool.id(), pool.written(), voters);
  }

  private void forgetUnknown() {
    if (pool.isConsistent() && pool.isNewest() && isAnyUnknown()) {
      Set<ServerId> due = unknown.due(agreement.loop.nanoTime());
      log.info(
          "Pool {}: the operators' states of servers that nobody has any more are forgotten: {}",
          pool.id(),
          due);
      PoolRecord known = pool.written();
      var unused =
          writer
              .write(known.with(known.operatorStates().without(due)))
              .exceptionally(failure -> false);
    }
  }
}
