package dev.understudy.failover;

import dev.understudy.health.HealthStatus;
import dev.understudy.pool.Pool;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerId;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of a role that checks prove, so that a process that starts, or a replica that joins,
 * judges claims to it as its predecessors would have: see {@link RoleEvidence}. It changes only
 * with what the table names, so that it is seldom written:
 *
 * <table>
 * <caption>One server</caption>
 * <tr><th>server<th>condition<th>kept
 * <tr><td>the serving one<td>it has just begun to serve<td>its data's history
 * <tr><td>the serving one<td>UP, and it lost its data while it served<td>as before
 * <tr><td>the serving one<td>UP, and its data went on from what is kept, or is seen for the first
 *     time to be another or no longer empty<td>its data's history
 * <tr><td>another<td>UP<td>whether its claim is stale
 * <tr><td>another<td>DOWN, and it denies the role<td>that it is not stale
 * <tr><td>another<td>it was left DOWN, while it did not deny the role<td>that it is stale
 * <tr><td>any<td>otherwise<td>as before
 * </table>
 *
 * @param holder the serving server or, while nobody serves, the one that served last; null if not
 *     known
 * @param history of the holder's data, in the form of {@link RoleClaim#history}; one of a later
 *     version lasts until the holder's next good probe; null if not known or longer than 200
 *     characters
 * @param stale other servers, whose claims are stale or would be if they came back with them
 */
public record RoleMemory(@Nullable ServerId holder, @Nullable String history, Set<ServerId> stale) {
  public static final RoleMemory NONE = new RoleMemory(null, null, Set.of());

  /** Number of stale servers that are kept although this replica's file does not have them. */
  private static final int MAX_FOREIGN = 16;

  private static final int MAX_HISTORY = 200;

  public RoleMemory {
    history = history == null || history.length() > MAX_HISTORY ? null : history;
    stale = Set.copyOf(stale);
  }

  /**
   * What is kept after a choice.
   *
   * @param seen the candidates from which the choice was made
   * @param serving the server that serves from now on; null if there is none
   */
  static RoleMemory next(
      Pool pool, Map<ServerId, Candidate> seen, RoleState before, @Nullable ServerId serving) {
    if (!pool.provesRole()) {
      return NONE;
    }
    RoleMemory known = before.memory();
    ServerId last = before.holder();
    ServerId holder = serving == null ? last : serving;
    if (holder == null) {
      return NONE;
    }
    Set<ServerId> stale = new HashSet<>();
    if (holder.equals(last)) {
      known.stale.stream()
          .filter(id -> pool.server(id) == null)
          .sorted()
          .limit(MAX_FOREIGN)
          .forEach(stale::add);
    }
    for (Server server : pool.servers()) {
      ServerId id = server.id();
      if (!id.equals(holder) && known.isStale(id, seen.get(id), id.equals(last))) {
        stale.add(id);
      }
    }
    Candidate serves = serving == null ? null : seen.get(serving);
    String kept = holder.equals(known.holder) ? known.history : null;
    return new RoleMemory(
        holder,
        serves == null || serves.status() != HealthStatus.UP
            ? kept
            : serves.claim().history(kept, !holder.equals(before.serving())),
        stale);
  }

  private boolean isStale(ServerId id, @Nullable Candidate seen, boolean left) {
    if (seen == null || seen.status() == HealthStatus.UNKNOWN) {
      return stale.contains(id);
    }
    return seen.status() == HealthStatus.UP
        ? seen.stale()
        : !seen.claim().denied() && (left || stale.contains(id));
  }
}
