package dev.understudy.switchover;

import dev.understudy.failover.SwitchReason;
import dev.understudy.pool.Operator;
import dev.understudy.pool.Pool;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerId;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One call of a pool's hook, and what the hook is told.
 *
 * @param promote whether it is {@code promote}, not {@code demote}
 * @param server the server concerned
 * @param from the server that had the role; null if none had
 * @param to the server that gets it; null if none does
 * @param epoch the epoch of the change
 * @param operator who asked for it; null if no operator did, or none is known
 * @param planned whether it belongs to a planned switch
 * @param within the longest time that the call may take, beside the hook's own limit
 */
public record HookCall(
    Pool pool,
    boolean promote,
    Server server,
    @Nullable ServerId from,
    @Nullable ServerId to,
    long epoch,
    SwitchReason reason,
    String evidence,
    @Nullable Operator operator,
    boolean planned,
    Duration within) {
  /** The name of the hook. */
  public String hook() {
    return promote ? "promote" : "demote";
  }

  /** Identifies the call among all, also if it is made again. */
  public String key() {
    return pool.id() + "-" + epoch + "-" + hook();
  }
}
