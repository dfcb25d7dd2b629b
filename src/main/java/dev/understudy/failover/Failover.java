package dev.understudy.failover;

import dev.understudy.failover.Candidates.RankedServer;
import dev.understudy.health.HealthStatus;
import dev.understudy.pool.FailbackSettings.Policy;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.ServerId;
import dev.understudy.text.Words;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The choice of one pool's serving server. The first row that fits holds; "best" is by rank, then
 * by the order in the file; one that is {@linkplain Candidate#late late} is best only if none is in
 * time.
 *
 * <table>
 * <caption>Transitions</caption>
 * <tr><th>now serving<th>evidence<th>result<th>reason
 * <tr><td>nobody<td>nobody is usable<td>stays<td>
 * <tr><td>nobody<td>a ready server better than the best usable one is UNKNOWN: its first probe is
 *     in flight<td>stays<td>
 * <tr><td>nobody, epoch 0<td>checks prove the role, and a ready server is UNKNOWN<td>stays<td>
 * <tr><td>nobody, epoch 0<td>some server is usable<td>the best serves<td>INITIAL
 * <tr><td>nobody<td>some server is usable<td>the best serves<td>RECOVERED
 * <tr><td>A<td>the pool is a balance pool now<td>nobody serves<td>CONFIGURATION
 * <tr><td>A<td>A is gone or changed, another is the best usable<td>that one serves<td>CONFIGURATION
 * <tr><td>A<td>A is usable, not pinned; a better rank is usable, its breaker not open, its checks
 *     in time, and the policy and its further conditions ({@link FailbackConditions}) allow<td>the better one serves<td>
 *     FAILBACK
 * <tr><td>A<td>A is usable otherwise<td>stays<td>
 * <tr><td>A<td>A is ready and UNKNOWN, not changed: recorded before a restart<td>stays<td>
 * <tr><td>A<td>A is set to drain or maintenance, another is usable<td>the best serves<td>OPERATOR
 * <tr><td>A<td>A is DOWN, another is usable<td>the best serves<td>CONNECTION_FAILED or
 *     HEALTH_CHECK_FAILED
 * <tr><td>A<td>A is UP, but lost its data ({@link RoleEvidence}), another is usable<td>the best
 *     serves<td>HEALTH_CHECK_FAILED
 * <tr><td>A<td>A is UP, its breaker is open; its checks are late, or those of all usable ones<td>
 *     stays, but for a failback: late checks are no reason to choose a server<td>
 * <tr><td>A<td>A's breaker is open, another is usable<td>the best serves<td>CIRCUIT_OPEN
 * <tr><td>A<td>the pool's servers speak HTTP, nobody is usable; A is ready and its last probe had a
 *     response<td>stays<td>
 * <tr><td>A<td>nobody is usable; A is ready, not changed, and a ready server is UNKNOWN: its first
 *     probe may find a successor. With TCP, only if A's last probe had no response: what responds
 *     and is bad must not be written to<td>stays<td>
 * <tr><td>A<td>nobody is usable otherwise<td>nobody serves<td>NO_SERVER
 * <tr><td>any<td>{@link #switchTo} B, B is usable, or UP and ready with a stale claim; or the
 *     operator accepts a loss, checks prove the role, it is promoted before it serves, and B responds
 *     that it has not got it<td>B serves, pinned<td>OPERATOR
 * </table>
 *
 * <p>A server that is late is as it was when last checked: no reason to leave it, or to choose it
 * before one that is in time. But for want of better it serves where the role must move, or nobody
 * serves: it was well, and nobody is worse.
 *
 * <p>A server with a stale claim ({@link RoleEvidence}) is not usable. If checks prove the role,
 * the policy is manual whatever is set.
 *
 * <p>The epoch grows by one exactly when the serving server changes, and any change but the
 * operator's own switch ends the pin. Open breakers alone make no server unusable: see {@link
 * #usable}.
 */
public final class Failover {
  private Failover() {}

  /**
   * Chooses the serving server by the table.
   *
   * @param candidates one for each of the pool's servers; a server without one counts as gone
   * @param current the role state of the last choice, or {@link RoleState#NONE}
   */
  public static Choice choose(
      Pool pool, Map<ServerId, Candidate> candidates, RoleState current, Instant now) {
    return remembered(pool, candidates, current, decide(pool, candidates, current, now));
  }

  private static Choice remembered(
      Pool pool, Map<ServerId, Candidate> candidates, RoleState current, Choice choice) {
    return choice.with(RoleMemory.next(pool, candidates, current, choice.roleState().serving()));
  }

  private static Choice decide(
      Pool pool, Map<ServerId, Candidate> candidates, RoleState current, Instant now) {
    ServerId serving = current.serving();
    if (pool.mode() == PoolMode.BALANCE) {
      return serving == null
          ? stay(current)
          : change(
              current, null, SwitchReason.CONFIGURATION, "a balance pool has no serving server");
    }
    Candidates ranked = Candidates.of(pool, candidates);
    if (serving == null) {
      return begin(ranked, current);
    }
    RankedServer holder = ranked.find(serving);
    if (holder == null) {
      return leave(
          ranked,
          current,
          null,
          SwitchReason.CONFIGURATION,
          serving.words() + " is no longer in the pool");
    }
    Candidate candidate = holder.candidate();
    if (candidate.changed()) {
      return leave(
          ranked,
          current,
          holder,
          SwitchReason.CONFIGURATION,
          serving.words() + " was changed by a new file");
    }
    if (ranked.holds(holder)) {
      return pool.failbackPolicy() == Policy.MANUAL
          ? new Choice.Stay(current, TwoPrimariesFinder.due(pool, ranked, holder, now))
          : failBack(ranked, current, holder, Damping.at(pool.failback(), current, now), now);
    }
    if (candidate.awaited()) {
      return stay(current);
    }
    return leave(ranked, current, holder, whyNotUsable(candidate), evidenceAgainst(holder));
  }

  /**
   * Switches to a server and pins it, for an operator.
   *
   * @param acceptLoss whether a server may be promoted however far its data is behind
   * @return empty if that server is not usable or the pool's mode is balance; else the choice,
   *     {@link Choice.Stay}, pinned, if it was serving already
   */
  public static Optional<Choice> switchTo(
      Pool pool,
      Map<ServerId, Candidate> candidates,
      RoleState current,
      ServerId to,
      boolean acceptLoss) {
    Candidates ranked = Candidates.of(pool, candidates);
    RankedServer target = ranked.find(to);
    if (pool.mode() == PoolMode.BALANCE || target == null) {
      return Optional.empty();
    }
    boolean promotable =
        acceptLoss
            && current.epoch() > 0
            && pool.provesRole()
            && pool.settings().hooks().promotesFirst()
            && target.candidate().denies();
    if (!promotable && !ranked.usableByCommand(target)) {
      return Optional.empty();
    }
    if (to.equals(current.serving())) {
      return Optional.of(stay(current.pinnedHere()));
    }
    return Optional.of(
        moved(
            pool,
            candidates,
            current,
            current.next(to).pinnedHere(),
            SwitchReason.OPERATOR,
            "an operator switched to "
                + to
                + ", pinned until the pool is set to auto or the server fails"));
  }

  /** The same for an operator who accepts no loss. */
  public static Optional<Choice> switchTo(
      Pool pool, Map<ServerId, Candidate> candidates, RoleState current, ServerId to) {
    return switchTo(pool, candidates, current, to, false);
  }

  /**
   * Moves the role as a planned switch has decided, to a server that is pinned.
   *
   * @param to null if no server is to serve
   * @param epoch the epoch that begins: the next one, or a later one
   */
  public static Choice.Switch move(
      Pool pool,
      Map<ServerId, Candidate> candidates,
      RoleState current,
      @Nullable ServerId to,
      long epoch,
      SwitchReason reason,
      String evidence) {
    RoleState next = current.next(to).inEpoch(epoch);
    RoleState kept = to == null ? next : next.pinnedHere();
    return moved(pool, candidates, current, kept, reason, evidence);
  }

  /** Moves the role back to a better server, as a failback in phases has decided. */
  public static Choice.Switch moveBack(
      Pool pool,
      Map<ServerId, Candidate> candidates,
      RoleState current,
      ServerId to,
      long epoch,
      String evidence,
      Instant now) {
    RoleState next = triedFailback(pool, current.next(to).inEpoch(epoch), now);
    return moved(pool, candidates, current, next, SwitchReason.FAILBACK, evidence);
  }

  /** The change to another role state, with what is kept of claims to the role. */
  static Choice.Switch moved(
      Pool pool,
      Map<ServerId, Candidate> candidates,
      RoleState current,
      RoleState next,
      SwitchReason reason,
      String evidence) {
    return changeTo(next, current, reason, evidence)
        .with(RoleMemory.next(pool, candidates, current, next.serving()));
  }

  /** The role state after a failback that moved the role, or was given up: the next one waits. */
  public static RoleState triedFailback(Pool pool, RoleState current, Instant now) {
    return current.failedBack(Damping.at(pool.failback(), current, now).recent() + 1, now);
  }

  /**
   * The servers that may get traffic, the most preferred first: UP, ready, without a stale claim,
   * and their circuit breaker (if any) not open. When open breakers are all that keeps servers out
   * of use, they are ignored. This is all that a balance pool needs of this class: it has no
   * serving server.
   */
  public static Set<ServerId> usable(Pool pool, Map<ServerId, Candidate> candidates) {
    Set<ServerId> usable = new LinkedHashSet<>();
    for (RankedServer server : Candidates.of(pool, candidates).usable()) {
      usable.add(server.id());
    }
    return usable;
  }

  private static Choice begin(Candidates ranked, RoleState current) {
    RankedServer best = ranked.best();
    boolean first = current.epoch() == 0;
    if (best == null || (first ? ranked.firstChoiceAwaits(best) : ranked.betterAwaited(best))) {
      return stay(current);
    }
    SwitchReason reason = first ? SwitchReason.INITIAL : SwitchReason.RECOVERED;
    String evidence = best.id().words() + ": " + best.candidate().evidence();
    return change(current, best.id(), reason, evidence + forWantOfBetter(best));
  }

  private static Choice failBack(
      Candidates ranked, RoleState current, RankedServer holder, Damping damping, Instant now) {
    if (current.pinned() != null) {
      return stay(current);
    }
    Instant earliest = null;
    for (RankedServer server : ranked.betterThan(holder)) {
      FailbackFitness fitness = server.candidate().fitness();
      if (fitness == FailbackFitness.NOT_FIT) {
        continue;
      }
      Instant due = damping.due(server.candidate().statusSince());
      Instant again = due;
      if (fitness == FailbackFitness.FIT || !due.isAfter(now)) {
        FailbackConditions gate =
            fitness == FailbackFitness.FIT
                ? null
                : FailbackConditions.of(damping.settings(), holder, server, now);
        if (gate == null) {
          RoleState next = current.next(server.id()).failedBack(damping.recent() + 1, now);
          return changeTo(next, current, SwitchReason.FAILBACK, evidenceFor(server, damping, now));
        }
        again = gate.lookAgain();
      }
      earliest = again != null && (earliest == null || again.isBefore(earliest)) ? again : earliest;
    }
    return new Choice.Stay(current, earliest);
  }

  /** Leaves the holder (null if it is gone) for the best usable server, if there is one. */
  private static Choice leave(
      Candidates ranked,
      RoleState current,
      @Nullable RankedServer holder,
      SwitchReason reason,
      String evidence) {
    RankedServer best = ranked.best();
    if (best != null) {
      return best.equals(holder)
          ? stay(current)
          : change(current, best.id(), reason, evidence + forWantOfBetter(best));
    }
    if (holder == null) {
      return nobody(ranked, current, evidence);
    }
    Candidate candidate = holder.candidate();
    boolean responds = candidate.lastProbeHadResponse();
    boolean awaitsSuccessor =
        !candidate.changed() && ranked.anyAwaited() && (ranked.servesWhileDown() || !responds);
    boolean keepsRole = responds && ranked.servesWhileDown();
    if (candidate.ready() && (keepsRole || awaitsSuccessor)) {
      return stay(current);
    }
    boolean silent = candidate.ready() && candidate.status() == HealthStatus.DOWN && !responds;
    return nobody(ranked, current, silent ? evidence + "; it does not respond" : evidence);
  }

  /** Why a server was chosen of which nobody knows how it is now. */
  private static String forWantOfBetter(RankedServer best) {
    return best.candidate().late()
        ? "; the checks of " + best.id().words() + " are late, but no other server is usable"
        : "";
  }

  private static Choice nobody(Candidates ranked, RoleState current, String evidence) {
    return change(
        current,
        null,
        SwitchReason.NO_SERVER,
        evidence + "; no other server is usable" + ChoiceExplainer.tooFarBehind(ranked));
  }

  private static SwitchReason whyNotUsable(Candidate candidate) {
    if (!candidate.ready()) {
      return SwitchReason.OPERATOR;
    }
    if (candidate.status() == HealthStatus.UP) {
      return candidate.stale() ? SwitchReason.HEALTH_CHECK_FAILED : SwitchReason.CIRCUIT_OPEN;
    }
    return candidate.connectionFailed()
        ? SwitchReason.CONNECTION_FAILED
        : SwitchReason.HEALTH_CHECK_FAILED;
  }

  private static String evidenceAgainst(RankedServer holder) {
    Candidate candidate = holder.candidate();
    return switch (whyNotUsable(candidate)) {
      case OPERATOR ->
          candidate.setter().subject()
              + " set "
              + holder.id().words()
              + " to "
              + Words.lower(candidate.operatorState());
      case CIRCUIT_OPEN -> holder.id().words() + ": circuit breaker open";
      default ->
          holder.id().words()
              + ": "
              + (candidate.stale() ? ChoiceExplainer.stale(candidate) : candidate.evidence());
    };
  }

  private static String evidenceFor(RankedServer server, Damping damping, Instant now) {
    Candidate candidate = server.candidate();
    Duration up = Duration.between(candidate.statusSince(), now);
    String since = up.toSeconds() == 0 ? "UP" : "UP for " + ChoiceExplainer.seconds(up);
    String evidence = server.id().words() + ": " + since + " (" + candidate.evidence() + ")";
    if (!damping.active()) {
      return evidence;
    }
    return evidence
        + "; damped: "
        + damping.recent()
        + (damping.recent() == 1 ? " failback" : " failbacks")
        + " shortly before, so the server had to be UP for "
        + ChoiceExplainer.seconds(damping.upTime());
  }

  private static Choice stay(RoleState roleState) {
    return new Choice.Stay(roleState, null);
  }

  private static Choice change(
      RoleState current, @Nullable ServerId to, SwitchReason reason, String evidence) {
    return changeTo(current.next(to), current, reason, evidence);
  }

  private static Choice.Switch changeTo(
      RoleState next, RoleState current, SwitchReason reason, String evidence) {
    return new Choice.Switch(next, null, current.serving(), next.serving(), reason, evidence);
  }
}
