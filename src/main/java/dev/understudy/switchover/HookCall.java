package dev.understudy.switchover;

import dev.understudy.failover.SwitchReason;
import dev.understudy.pool.Operator;
import dev.understudy.pool.Pool;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One call of a pool's hook, and what the hook is told.
 *
 * @param promote whether it is {@code promote}, not {@code demote}
 * @param server the server concerned
 * @param from the server that had the role; null if none had
 * @param to the server that gets it; null if none does
 * @param epoch the epoch of the change
 * @param occasion since when this call is called for: tells the occasions of one epoch apart. A
 *     call that is made again for want of a result, by whichever replica, keeps it
 * @param operator who asked for it; null if no operator did, or none is known
 * @param planned whether it belongs to a planned switch
 * @param acceptLoss whether an operator has the server promoted whatever its data lacks
 * @param within the longest time that the call may take, beside the hook's own limit
 */
public record HookCall(
    Pool pool,
    boolean promote,
    Server server,
    @Nullable ServerId from,
    @Nullable ServerId to,
    long epoch,
    Instant occasion,
    SwitchReason reason,
    String evidence,
    @Nullable Operator operator,
    boolean planned,
    boolean acceptLoss,
    Duration within) {
  /**
   * A call that a planned switch makes.
   *
   * @param server that of the switch which the hook concerns
   */
  public static HookCall of(
      Pool pool,
      PlannedSwitch planned,
      boolean promote,
      Server server,
      long epoch,
      Duration within) {
    SwitchRequest request = planned.request();
    return new HookCall(
        pool,
        promote,
        server,
        planned.from(),
        planned.to(),
        epoch,
        planned.stages().getLast().since(),
        request.failback() ? SwitchReason.FAILBACK : SwitchReason.OPERATOR,
        "a " + request.words(),
        request.by(),
        true,
        promote && request.acceptLoss() && server.id().equals(planned.to()),
        within);
  }

  /** The calls that a planned switch makes if it succeeds, in this order. */
  public static List<HookCall> of(Pool pool, PlannedSwitch planned) {
    List<HookCall> calls = new ArrayList<>();
    for (boolean promote : new boolean[] {false, true}) {
      Server server = pool.server(promote ? planned.to() : planned.from());
      if (server != null && pool.settings().hooks().of(promote) != null) {
        calls.add(of(pool, planned, promote, server, planned.epoch(), planned.request().pause()));
      }
    }
    return calls;
  }

  /** The name of the hook. */
  public String hook() {
    return promote ? "promote" : "demote";
  }

  /**
   * Identifies the call among all, also if it is made again: pool, server, epoch, hook, and the
   * number of the occasion, its time in milliseconds.
   */
  public String key() {
    return String.join(
        "/",
        pool.id().toString(),
        server.id().value(),
        Long.toString(epoch),
        hook(),
        Long.toString(occasion.toEpochMilli()));
  }
}
