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
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Explains why a choice stays as it is; decides nothing.
 *
 * <table>
 * <caption>The first row that fits</caption>
 * <tr><th>now serving<th>evidence<th>result
 * <tr><td>nobody<td>nobody is usable, no first probe is in flight<td>{@link ChoiceExplanation.Nobody}
 * <tr><td>A<td>checks prove the role, and others claim it beside A<td>{@link
 *     ChoiceExplanation.TwoPrimaries}
 * <tr><td>A<td>A is ready, DOWN and its last probe had a response; nobody is usable<td>{@link
 *     ChoiceExplanation.ServesDown}
 * <tr><td>A<td>A is usable; no other could serve or be promoted, but for what its data lacks<td>{@link
 *     ChoiceExplanation.NoSuccessor}
 * <tr><td>A<td>A is usable; a better rank is usable, its breaker not open<td>{@link
 *     ChoiceExplanation.FailbackAwaited}
 * <tr><td>any<td>otherwise, or a balance pool<td>null
 * </table>
 */
public final class ChoiceExplainer {
  private static final int MAX_NAMED = 5;

  private ChoiceExplainer() {}

  /**
   * Applies the table; to be called after {@link Failover#choose} stayed with {@code roleState}.
   *
   * @return null if there is nothing to explain
   */
  public static @Nullable ChoiceExplanation of(
      Pool pool, Map<ServerId, Candidate> candidates, RoleState roleState, Instant now) {
    if (pool.mode() == PoolMode.BALANCE) {
      return null;
    }
    Candidates ranked = Candidates.of(pool, candidates);
    ServerId serving = roleState.serving();
    if (serving == null) {
      return ranked.best() == null && !ranked.anyAwaited()
          ? new ChoiceExplanation.Nobody(
              whyNobody(ranked) + tooFarBehind(ranked),
              ids(ranked.tooFarBehind()),
              TwoPrimariesFinder.of(pool, ranked, roleState, now))
          : null;
    }
    RankedServer holder = ranked.find(serving);
    if (holder == null) {
      return null;
    }
    ChoiceExplanation two = TwoPrimariesFinder.of(pool, ranked, roleState, now);
    if (two != null) {
      return two;
    }
    if (ranked.usable(holder)) {
      Set<ServerId> behind = ids(ranked.tooFarBehind());
      if (!behind.isEmpty() && !ranked.hasSuccessor(holder)) {
        return new ChoiceExplanation.NoSuccessor(serving, behind, tooFar(ranked));
      }
      return awaited(
          pool, ranked, roleState, holder, Damping.at(pool.failback(), roleState, now), now);
    }
    Candidate candidate = holder.candidate();
    boolean sick =
        candidate.ready()
            && candidate.status() == HealthStatus.DOWN
            && candidate.lastProbeHadResponse();
    return sick && ranked.best() == null
        ? new ChoiceExplanation.ServesDown(
            serving,
            "keeps serving although it is DOWN: no other server is usable, and "
                + (ranked.servesWhileDown()
                    ? "it responds ("
                    : "the first probe of another server has not ended (")
                + candidate.evidence()
                + ")")
        : null;
  }

  private static @Nullable ChoiceExplanation awaited(
      Pool pool,
      Candidates ranked,
      RoleState roleState,
      RankedServer holder,
      Damping damping,
      Instant now) {
    RankedServer first = null;
    Instant due = null;
    for (RankedServer server : ranked.betterThan(holder)) {
      Instant mayServe = damping.due(server.candidate().statusSince());
      if (due == null || mayServe.isBefore(due)) {
        first = server;
        due = mayServe;
      }
    }
    if (first == null || due == null) {
      return null;
    }
    if (roleState.pinned() == null && pool.failbackPolicy() != Policy.MANUAL) {
      return byTime(holder, first, due, damping, now);
    }
    String why =
        roleState.pinned() == null
            ? "waits for an operator (manual)"
            : "pinned to " + roleState.pinned().words() + " by an operator";
    return new ChoiceExplanation.FailbackAwaited(holder.id(), first.id(), null, why);
  }

  /** Null at the very end of a wait, when nothing but the next look is awaited. */
  private static @Nullable ChoiceExplanation byTime(
      RankedServer holder, RankedServer better, Instant due, Damping damping, Instant now) {
    FailbackConditions gate =
        due.isAfter(now) ? null : FailbackConditions.of(damping.settings(), holder, better, now);
    if (gate != null) {
      return new ChoiceExplanation.FailbackAwaited(
          holder.id(), better.id(), gate.due(), gate.why());
    }
    if (!due.isAfter(now)) {
      String why = "waits until most replicas find " + better.id() + " fit to serve";
      return new ChoiceExplanation.FailbackAwaited(holder.id(), better.id(), null, why);
    }
    Instant onWall = due.plus(better.candidate().facts().ahead());
    Instant opening = FailbackConditions.opening(damping.settings(), onWall);
    String description = damping.description();
    if (description.isEmpty() && opening.equals(onWall)) {
      return null;
    }
    String why =
        opening.equals(onWall)
            ? description
            : (description.isEmpty() ? "" : description + "; ")
                + FailbackConditions.window(damping.settings());
    return new ChoiceExplanation.FailbackAwaited(holder.id(), better.id(), opening, why);
  }

  private static String whyNobody(Candidates ranked) {
    return Words.joined(
        ranked.all().stream()
            .map(server -> server.id().words() + ": " + why(server.candidate()))
            .toList(),
        MAX_NAMED,
        "; ");
  }

  private static Set<ServerId> ids(List<RankedServer> servers) {
    return servers.stream().map(RankedServer::id).collect(Collectors.toUnmodifiableSet());
  }

  private static String tooFar(Candidates ranked) {
    return Words.joined(
        ranked.tooFarBehind().stream()
            .map(server -> server.id().words() + " is " + server.candidate().behind())
            .toList(),
        MAX_NAMED,
        "; ");
  }

  /** Whom only the bound of their lag keeps from being promoted; empty if it keeps nobody. */
  static String tooFarBehind(Candidates ranked) {
    String servers = tooFar(ranked);
    return servers.isEmpty()
        ? ""
        : "; "
            + servers
            + ", too far to be promoted: an operator has to decide (switch with --accept-loss)";
  }

  private static String why(Candidate candidate) {
    if (candidate.stale() && candidate.ready()) {
      return stale(candidate);
    }
    return candidate.ready()
        ? candidate.status() + ", " + candidate.evidence()
        : candidate.stateInWords();
  }

  /** Why a server with a stale claim is not used. */
  static String stale(Candidate candidate) {
    if (candidate.contradiction() != null) {
      return "UP, but its Pod is labelled " + candidate.contradiction();
    }
    String lost = candidate.claim().lost();
    String data = lost == null ? "" : " and came back without its data (" + lost + ")";
    return "claims to be primary, but is stale" + data + ": an operator has to decide";
  }

  /** The number as an ordinal, such as "2nd". */
  static String ordinal(int number) {
    boolean teen = number % 100 / 10 == 1;
    String ending =
        teen
            ? "th"
            : switch (number % 10) {
              case 1 -> "st";
              case 2 -> "nd";
              case 3 -> "rd";
              default -> "th";
            };
    return number + ending;
  }

  static String seconds(Duration duration) {
    return duration.toSeconds() + " s";
  }
}
