package dev.understudy.monitor;

import dev.understudy.pool.OperatorState;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** What an operator can ask for. Completed on the monitor's thread, once the snapshot shows it. */
public interface Commands {
  /** How a command ended. */
  sealed interface Result {
    /** Done, or it was so already, the pin too ({@code changed} false). */
    record Done(boolean changed) implements Result {}

    /** There is no such pool or server; {@code what} names it and goes after "there is no". */
    record Unknown(String what) implements Result {}

    /** Not possible now: the target is not usable, or the last usable server would go. */
    record Conflict(String why) implements Result {}

    /** The replicas can't be asked now; nothing is queued. */
    record Unavailable(String why) implements Result {}
  }

  /**
   * Sets a server's state.
   *
   * @param force allows drain and maintenance of the only usable server, after which nobody serves;
   *     without it that is a {@link Result.Conflict}
   */
  CompletionStage<Result> setState(
      PoolId pool, ServerId server, OperatorState state, boolean force);

  /**
   * Switches a failover pool to a server and pins it there.
   *
   * @param to null: {@code auto}, ends the pin
   */
  CompletionStage<Result> switchTo(PoolId pool, @Nullable ServerId to);
}
