package dev.understudy.failover;

import dev.understudy.failover.Candidates.RankedServer;
import dev.understudy.health.HealthStatus;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.Pool;
import dev.understudy.pool.ServerId;
import dev.understudy.text.UtcTime;
import dev.understudy.text.Words;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds servers that claim to be primary beside the holder, in pools whose checks prove the role.
 * The holder is the serving server or, while nobody serves, the one that served last. The first row
 * that fits:
 *
 * <table>
 * <caption>Servers other than the holder</caption>
 * <tr><th>server<th>two primaries
 * <tr><td>any, while the holder is UNKNOWN, or denies the role<td>no
 * <tr><td>not UP, or in maintenance, by which an operator acknowledges it<td>no
 * <tr><td>it is not stale, while the holder does not serve or is DOWN<td>no: it is about to serve
 * <tr><td>its claim began by a promotion<td>once the serving server would have been found to deny
 *     the role by then: a planned switch promotes one and demotes the other at about the same time
 * <tr><td>otherwise<td>at once
 * </table>
 */
final class TwoPrimariesFinder {
  private static final int MAX_NAMED = 4;

  private TwoPrimariesFinder() {}

  /** The finding; null if there is none. */
  static ChoiceExplanation.@Nullable TwoPrimaries of(
      Pool pool, Candidates ranked, RoleState roleState, Instant now) {
    ServerId id = roleState.holder();
    RankedServer holder = id == null ? null : ranked.find(id);
    if (!pool.provesRole() || holder == null || !mayClaim(holder.candidate())) {
      return null;
    }
    boolean serves = roleState.serving() != null;
    boolean all = serves && holder.candidate().status() == HealthStatus.UP;
    List<RankedServer> found =
        ranked.all().stream()
            .filter(server -> claims(server, holder) && !shown(pool, server).isAfter(now))
            .filter(server -> all || server.candidate().stale())
            .toList();
    if (found.isEmpty()) {
      return null;
    }
    RankedServer first = found.getFirst();
    String claimants =
        Words.joined(
            found.stream()
                .map(
                    server ->
                        server.id().words()
                            + " has claimed to be primary since "
                            + UtcTime.clock(since(server)))
                .toList(),
            MAX_NAMED,
            ", ");
    return new ChoiceExplanation.TwoPrimaries(
        holder.id(),
        first.id(),
        since(first),
        first.candidate().stale(),
        claimants
            + (serves
                ? ", while " + holder.id().words() + " serves: fence "
                : ", while nobody serves and " + holder.id().words() + " served last: fence ")
            + (found.size() == 1 ? first.id().words() : "them"));
  }

  /** When its claim began, by the clock on the wall. */
  private static Instant since(RankedServer server) {
    return server.candidate().statusSince().plus(server.candidate().facts().ahead());
  }

  /** When time alone adds a finding; null if only news can. */
  static @Nullable Instant due(Pool pool, Candidates ranked, RankedServer holder, Instant now) {
    if (!pool.provesRole()) {
      return null;
    }
    return ranked.all().stream()
        .filter(server -> claims(server, holder))
        .map(server -> shown(pool, server))
        .filter(now::isBefore)
        .min(Instant::compareTo)
        .orElse(null);
  }

  private static boolean mayClaim(Candidate holder) {
    return holder.status() == HealthStatus.UP
        || (holder.status() == HealthStatus.DOWN && !holder.claim().denied());
  }

  private static boolean claims(RankedServer server, RankedServer holder) {
    Candidate candidate = server.candidate();
    return !server.id().equals(holder.id())
        && candidate.status() == HealthStatus.UP
        && candidate.operatorState() != OperatorState.MAINTENANCE;
  }

  private static Instant shown(Pool pool, RankedServer server) {
    Candidate candidate = server.candidate();
    return candidate.stale() || !candidate.claim().promoted()
        ? candidate.statusSince()
        : candidate.statusSince().plus(pool.health().detection());
  }
}
