package dev.understudy.failover;

import dev.understudy.failover.Candidates.RankedServer;
import dev.understudy.pool.FailbackSettings.Policy;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.ServerId;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The servers that have been UP for as long as the pool's policy and damping require of a failback,
 * and for which its further conditions hold, as one replica sees it by its own clock, by its own
 * tunnels and by its own warm-up. A majority of replicas decides.
 *
 * @param fit those among them whose rank is better than the serving server's
 * @param lookAgain when time alone may add a server; null if only news can
 * @param warmUp the server that is to be warmed up now; null if none is
 */
public record FailbackEligibility(
    Set<ServerId> fit, @Nullable Instant lookAgain, @Nullable ServerId warmUp) {
  private static final FailbackEligibility NONE = new FailbackEligibility(Set.of(), null, null);

  public FailbackEligibility {
    fit = Set.copyOf(fit);
  }

  /** The fitness under the role state that is agreed on. */
  public static FailbackEligibility of(
      Pool pool, Map<ServerId, Candidate> own, RoleState roleState, Instant now) {
    ServerId serving = roleState.serving();
    if (serving == null
        || pool.mode() == PoolMode.BALANCE
        || pool.failbackPolicy() == Policy.MANUAL) {
      return NONE;
    }
    Candidates ranked = Candidates.of(pool, own);
    RankedServer holder = ranked.find(serving);
    return holder == null
        ? NONE
        : among(ranked, holder, Damping.at(pool.failback(), roleState, now), now);
  }

  private static FailbackEligibility among(
      Candidates ranked, RankedServer holder, Damping damping, Instant now) {
    Set<ServerId> fit = new HashSet<>();
    Instant next = null;
    ServerId cold = null;
    for (RankedServer server : ranked.betterThan(holder)) {
      Instant due = damping.due(server.candidate().statusSince());
      FailbackConditions gate =
          due.isAfter(now)
              ? new FailbackConditions(due, due, "", false)
              : FailbackConditions.of(damping.settings(), holder, server, now);
      if (gate == null) {
        fit.add(server.id());
        continue;
      }
      Instant again = gate.lookAgain();
      next = again != null && (next == null || again.isBefore(next)) ? again : next;
      cold = gate.warmUp() && fit.isEmpty() && cold == null ? server.id() : cold;
    }
    return new FailbackEligibility(fit, next, damping.roleState().pinned() == null ? cold : null);
  }
}
