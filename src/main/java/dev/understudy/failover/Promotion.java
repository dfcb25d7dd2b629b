package dev.understudy.failover;

import dev.understudy.failover.Candidates.RankedServer;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.ServerId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a choice in a pool whose new server must be promoted before it serves. Meanwhile
 * nobody serves. The first row that fits; each change begins an epoch.
 *
 * <table>
 * <caption>Choices</caption>
 * <tr><th>now serving<th>choice, and seen<th>result
 * <tr><td>nobody, epoch 0<td>any<td>as chosen
 * <tr><td>A<td>B serves<td>nobody serves, B is to be promoted
 * <tr><td>A<td>nobody serves, some B can be promoted<td>nobody serves, B is to be promoted
 * <tr><td>A<td>otherwise<td>as chosen
 * <tr><td>nobody, none is to be promoted<td>B serves, or some B can be promoted and no first probe is
 *     in flight<td>B is to be promoted
 * <tr><td>nobody, none is to be promoted<td>otherwise<td>as chosen
 * <tr><td>nobody, B is to be promoted<td>B is not in the pool, or not ready; some C can be
 *     promoted<td>C is to be promoted
 * <tr><td>nobody, B is to be promoted<td>B is not in the pool, or not ready<td>none is
 * <tr><td>nobody, B is to be promoted<td>B was promoted and is usable<td>B serves
 * <tr><td>nobody, B is to be promoted<td>it failed, some C can be promoted<td>C is to be promoted: the
 *     next one after B, in circles
 * <tr><td>nobody, B is to be promoted<td>otherwise<td>stays
 * </table>
 *
 * <p>A server can be promoted if it is usable; while none is, and checks prove the role, if it
 * responds that it does not have it, and its data is not too far behind ({@link Lag}), as one
 * replica is enough to find. One that was left comes last.
 */
public final class Promotion {
  /** The promotion that is under way, as far as this replica knows. */
  public enum Progress {
    /** It is not known to have ended. */
    UNDER_WAY,
    DONE,
    FAILED
  }

  /**
   * The server that is to be promoted while nobody serves.
   *
   * @param pin whether an operator switched to it
   */
  public record Pending(ServerId server, boolean pin, Progress progress) {}

  /**
   * What becomes of a choice.
   *
   * @param choice what is to be agreed on
   * @param first the server that is to be promoted before it serves; null if none is
   * @param pin whether it is pinned once it serves
   */
  public record Result(Choice choice, @Nullable ServerId first, boolean pin) {
    /** A choice that stands as it is. */
    public Result(Choice choice) {
      this(choice, null, false);
    }
  }

  private final Pool pool;
  private final Map<ServerId, Candidate> candidates;
  private final Candidates ranked;
  private final RoleState current;

  /** The pool at one moment; {@code current} is its present role state. */
  public Promotion(Pool pool, Map<ServerId, Candidate> candidates, RoleState current) {
    this.pool = pool;
    this.candidates = candidates;
    this.ranked = Candidates.of(pool, candidates);
    this.current = current;
  }

  /**
   * Applies the table.
   *
   * @param pending null if no server is to be promoted first
   * @param reason the reason of the last change, and its evidence
   */
  public Result of(Choice chosen, @Nullable Pending pending, SwitchReason reason, String evidence) {
    if (current.epoch() == 0 || pool.mode() == PoolMode.BALANCE) {
      return new Result(chosen);
    }
    if (current.serving() == null && pending != null) {
      return goOn(chosen, pending, reason, evidence);
    }
    ServerId first = chosen instanceof Choice.Switch change ? change.to() : current.serving();
    if (first == null && !ranked.anyAwaited()) {
      first = after(current.serving());
    }
    if (first == null || (chosen instanceof Choice.Stay && current.serving() != null)) {
      return new Result(chosen);
    }
    return chosen instanceof Choice.Switch change
        ? new Result(nobody(change.reason(), change.evidence()), first, false)
        : new Result(nobody(reason, evidence), first, false);
  }

  /** What becomes of an operator's switch to a server that does not serve. */
  public Result byCommand(Choice.Switch chosen) {
    return current.epoch() == 0
        ? new Result(chosen)
        : new Result(nobody(chosen.reason(), chosen.evidence()), chosen.to(), true);
  }

  private Result goOn(Choice chosen, Pending pending, SwitchReason reason, String evidence) {
    ServerId id = pending.server();
    RankedServer server = ranked.find(id);
    boolean possible = server != null && server.candidate().ready();
    if (server != null
        && possible
        && pending.progress() == Progress.DONE
        && ranked.usable(server)) {
      SwitchReason why = reason == SwitchReason.NO_SERVER ? SwitchReason.RECOVERED : reason;
      RoleState serves = pending.pin() ? current.next(id).pinnedHere() : current.next(id);
      String promoted = id.words() + " is promoted; " + evidence;
      return new Result(Failover.moved(pool, candidates, current, serves, why, promoted));
    }
    ServerId next = possible && pending.progress() != Progress.FAILED ? id : after(id);
    if (next != null && !next.equals(id)) {
      return new Result(nobody(reason, evidence), next, false);
    }
    if (!possible) {
      return new Result(nobody(reason, evidence));
    }
    Choice stay = chosen instanceof Choice.Stay ? chosen : new Choice.Stay(current, null);
    return new Result(stay, id, pending.pin());
  }

  /** Nobody serves from now on. */
  private Choice.Switch nobody(SwitchReason reason, String evidence) {
    return Failover.moved(pool, candidates, current, current.next(null), reason, evidence);
  }

  /** The best server other than that one that can be promoted; null if there is none. */
  public @Nullable ServerId bestBut(ServerId other) {
    return firstOf(ranked.all().stream().filter(each -> !each.id().equals(other)));
  }

  /**
   * The next server after {@code last} that can be promoted; the first follows the last one; null
   * if none can be promoted.
   */
  private @Nullable ServerId after(@Nullable ServerId last) {
    List<RankedServer> inCircles = new ArrayList<>(ranked.all());
    for (int i = 0; i < ranked.all().size(); i++) {
      if (ranked.all().get(i).id().equals(last)) {
        Collections.rotate(inCircles, -i - 1);
      }
    }
    return firstOf(inCircles.stream());
  }

  private @Nullable ServerId firstOf(Stream<RankedServer> servers) {
    boolean denying = ranked.best() == null && pool.provesRole();
    return servers
        .filter(each -> denying ? isPromotable(each.candidate()) : ranked.usable(each))
        .map(RankedServer::id)
        .findFirst()
        .orElse(null);
  }

  private static boolean isPromotable(Candidate candidate) {
    return candidate.denies() && candidate.behind() == null;
  }
}
