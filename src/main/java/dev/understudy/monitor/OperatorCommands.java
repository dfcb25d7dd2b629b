package dev.understudy.monitor;

import dev.understudy.pool.Operator;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.PoolMaintenance;
import dev.understudy.pool.ServerId;
import dev.understudy.switchover.SwitchRequest;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Operators' commands. Results are completed on the monitor's thread, once published. */
public interface OperatorCommands {
  /** Outcome of a command. */
  sealed interface Result {
    /**
     * Done.
     *
     * @param changed false if state, serving server and pin were so already
     * @param inMemoryOnly why a restart will not find it so, for people; null if it will, or if
     *     this replica keeps nothing beyond a restart
     */
    record Done(boolean changed, @Nullable String inMemoryOnly) implements Result {
      /** What is kept as it should be. */
      public Done(boolean changed) {
        this(changed, null);
      }
    }

    /** There is no such pool or server: a sentence that names it. */
    record Unknown(String why) implements Result {}

    /**
     * The command is not possible now, or not without force: the target is not usable, or nobody
     * would be served any more.
     */
    record Conflict(String why) implements Result {}

    /** The command cannot be agreed on, or not be kept, now; nothing is changed or queued. */
    record Unavailable(String why) implements Result {}

    /**
     * The command may have been carried out, or may be yet: the store that the replicas share got
     * it, and gave no answer. A clause for people.
     */
    record NotKnown(String why) implements Result {}
  }

  /**
   * The same commands, each refused as {@link Result.Unavailable} unless it is kept beyond a
   * restart; of a planned switch, its begin.
   */
  OperatorCommands durably();

  /**
   * Sets a server's operator state.
   *
   * @param force allows drain and maintenance of the only usable server, after which no server
   *     serves; without it that is a {@link Result.Conflict}
   * @param by for the events that follow; null if not known
   */
  CompletionStage<Result> setState(
      PoolId pool, ServerId server, OperatorState state, boolean force, @Nullable Operator by);

  /**
   * Begins, changes or ends the maintenance of a whole pool.
   *
   * @param force allows it to begin, which takes the pool from its clients; without it that is a
   *     {@link Result.Conflict}
   */
  CompletionStage<Result> setState(PoolId pool, PoolMaintenance next, boolean force);

  /**
   * Switches a failover pool to a server and pins it there.
   *
   * @param to null for {@code auto}, which ends the pin
   * @param acceptLoss whether it may be promoted however far its data is behind
   * @param by for the events that follow; null if not known
   */
  CompletionStage<Result> switchTo(
      PoolId pool, @Nullable ServerId to, boolean acceptLoss, @Nullable Operator by);

  /** The same, but of a server whose data is too far behind it is a {@link Result.Conflict}. */
  default CompletionStage<Result> switchTo(
      PoolId pool, @Nullable ServerId to, @Nullable Operator by) {
    return switchTo(pool, to, false, by);
  }

  /** Begins a planned switch of a failover pool, or schedules it. */
  CompletionStage<Result> planSwitch(PoolId pool, SwitchRequest request);

  /**
   * Gives up the planned switch of a pool that is scheduled or pausing; a {@link Result.Conflict}
   * if none is.
   *
   * @param by for the events that follow; null if not known
   */
  CompletionStage<Result> giveUpSwitch(PoolId pool, @Nullable Operator by);
}
