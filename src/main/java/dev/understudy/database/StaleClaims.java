package dev.understudy.database;

import dev.understudy.database.ObservedClaim.Origin;
import dev.understudy.failover.Candidate;
import dev.understudy.failover.RoleMemory;
import dev.understudy.failover.RoleState;
import dev.understudy.health.HealthStatus;
import dev.understudy.pool.Pool;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The stale primaries of one pool whose checks prove the role, as one replica sees them: servers
 * that claim the role, and do not get it but by an operator's switch. An immutable value that each
 * review replaces by the next. The holder is the serving server or, while nobody serves, the one
 * that served last. What earlier processes and other replicas knew of it is in the {@link
 * RoleMemory}: "kept" below. The first row that fits:
 *
 * <table>
 * <caption>One server</caption>
 * <tr><th>server<th>condition<th>stale
 * <tr><td>the holder<td>nobody serves, it returned without its data, or was found without what is
 *     kept of it, and the pool has other servers
 *     <td>yes
 * <tr><td>the holder<td>it serves, restarted without its data before a probe found it DOWN, and
 *     the pool has other servers
 *     <td>yes
 * <tr><td>the holder<td>otherwise<td>no
 * <tr><td>UP<td>the holder is DOWN and denies the role, and the pool has no third server<td>no
 * <tr><td>UP<td>its data lacks what the holder's, or its own, had<td>yes
 * <tr><td>UP<td>another server's data went on from its own<td>yes
 * <tr><td>UP<td>the holder is DOWN and denies the role<td>no
 * <tr><td>UP<td>its data went on from the holder's<td>no
 * <tr><td>UP<td>it was the holder, and was left while it claimed the role<td>yes
 * <tr><td>UP<td>its claim came back with it, and there is a holder<td>yes
 * <tr><td>UP<td>its claim was found by its first probe beside a holder that is UP<td>yes
 * <tr><td>UP<td>its claim was found so, and it is kept as stale<td>yes
 * <tr><td>UP<td>its claim was found so, the histories of its data and of the holder's are known, and
 *     nothing shows that it went on<td>yes
 * <tr><td>UP<td>its claim began by a promotion<td>no
 * <tr><td>DOWN<td>it denies the role<td>no
 * <tr><td>any<td>otherwise<td>as before
 * </table>
 *
 * @param servers the stale ones
 * @param judged the servers whose present claim has been judged
 * @param holder null if none is known to have served
 */
public record StaleClaims(Set<ServerId> servers, Set<ServerId> judged, @Nullable ServerId holder) {
  public static final StaleClaims NONE = new StaleClaims(Set.of(), Set.of(), null);

  public StaleClaims {
    servers = Set.copyOf(servers);
    judged = Set.copyOf(judged);
  }

  /** The pool at one moment; {@code held} is the holder's candidate, null if it is gone. */
  private record Look(
      Map<ServerId, Candidate> own,
      @Nullable ServerId holder,
      @Nullable Candidate held,
      RoleMemory memory) {
    /** The history of the holder's data as this process saw it last, else as it is kept. */
    @Nullable DataHistory heldHistory() {
      DataHistory seen = held == null ? null : claim(held).history();
      return seen == null ? keptHistory() : seen;
    }

    private @Nullable DataHistory keptHistory() {
      return holder != null && holder.equals(memory.holder())
          ? DataHistory.ofStored(memory.history())
          : null;
    }

    /**
     * Whether the holder returned, or was found, without the data that it had. Once an operator has
     * had it serve so, what it has now is what is kept of it.
     */
    boolean isHolderWithoutData(RoleState roleState) {
      if (held == null || !isUp(held)) {
        return false;
      }
      DataHistory now = claim(held).history();
      DataHistory kept = keptHistory();
      if (roleState.serving() != null) {
        return claim(held).missing() != null && now != null && kept != null && !kept.isSame(now);
      }
      boolean found = claim(held).origin() == Origin.FOUND;
      return claim(held).missing() != null
          || (found && now != null && kept != null && now.hasLost(kept));
    }

    /** Whether the holder reported that it gave the role up. */
    boolean movedOn() {
      return held != null && held.status() == HealthStatus.DOWN && held.claim().denied();
    }

    /** Whether the role cannot be anywhere but at the other server of two. */
    boolean mustBeOtherOfTwo() {
      return movedOn() && own.size() == 2;
    }

    /** Whether a claim that the first probe found cannot be judged before the holder is. */
    boolean awaits(Candidate claimant) {
      return claim(claimant).origin() == Origin.FOUND
          && held != null
          && held.status() == HealthStatus.UNKNOWN;
    }

    boolean lacksData(ServerId id, Candidate claimant) {
      DataHistory history = claim(claimant).history();
      if (claim(claimant).missing() != null || history == null) {
        return claim(claimant).missing() != null;
      }
      for (Map.Entry<ServerId, Candidate> other : own.entrySet()) {
        boolean isHolder = other.getKey().equals(holder);
        DataHistory known = isHolder ? heldHistory() : claim(other.getValue()).history();
        boolean compared = holder == null || isHolder;
        if (known != null
            && !other.getKey().equals(id)
            && (history.isBehind(known) || (compared && history.hasLost(known)))) {
          return true;
        }
      }
      return false;
    }

    boolean goesOnFromHolder(Candidate claimant) {
      DataHistory history = claim(claimant).history();
      DataHistory of = heldHistory();
      return history != null && of != null && of.isBehind(history);
    }
  }

  /** The claims after a look at the pool. */
  StaleClaims next(Pool pool, Map<ServerId, Candidate> own, RoleState roleState) {
    if (!pool.provesRole()) {
      return NONE;
    }
    ServerId next = roleState.holder() == null ? holder : roleState.holder();
    Candidate held = next == null ? null : own.get(next);
    Look look = new Look(own, next, held, roleState.memory());
    Set<ServerId> stale = new HashSet<>();
    Set<ServerId> known = new HashSet<>();
    for (Server server : pool.servers()) {
      ServerId id = server.id();
      Candidate candidate = own.get(id);
      if (candidate == null) {
        continue;
      }
      boolean isStale =
          id.equals(next)
              ? pool.servers().size() > 1 && look.isHolderWithoutData(roleState)
              : isStale(id, candidate, look);
      if (isStale) {
        stale.add(id);
      }
      if (isUp(candidate) && !look.awaits(candidate)) {
        known.add(id);
      }
    }
    return new StaleClaims(stale, known, next);
  }

  private boolean isStale(ServerId id, Candidate candidate, Look look) {
    if (!isUp(candidate)) {
      return servers.contains(id) && !candidate.claim().denied();
    }
    if (look.mustBeOtherOfTwo()) {
      return false;
    }
    if (look.lacksData(id, candidate)) {
      return true;
    }
    if (look.movedOn() || look.goesOnFromHolder(candidate)) {
      return false;
    }
    if (id.equals(holder) && judged.contains(id)) {
      return true;
    }
    return judged.contains(id) ? servers.contains(id) : beginsStale(id, candidate, look);
  }

  private static boolean beginsStale(ServerId id, Candidate claimant, Look look) {
    Candidate held = look.held();
    return switch (claim(claimant).origin()) {
      case RETURNED -> look.holder() != null;
      case FOUND ->
          (held != null && isUp(held))
              || look.memory().stale().contains(id)
              || (claim(claimant).history() != null && look.heldHistory() != null);
      case PROMOTED -> false;
    };
  }

  private static ObservedClaim claim(Candidate candidate) {
    return candidate.claim() instanceof ObservedClaim seen ? seen : ObservedClaim.NONE;
  }

  private static boolean isUp(Candidate candidate) {
    return candidate.status() == HealthStatus.UP;
  }

  /** The candidates, with the stale claims marked. */
  Map<ServerId, Candidate> mark(Map<ServerId, Candidate> own) {
    if (servers.isEmpty()) {
      return own;
    }
    Map<ServerId, Candidate> marked = new HashMap<>(own);
    marked.replaceAll(
        (id, candidate) ->
            servers.contains(id) && isUp(candidate)
                ? candidate.with(candidate.claim(), true)
                : candidate);
    return marked;
  }
}
