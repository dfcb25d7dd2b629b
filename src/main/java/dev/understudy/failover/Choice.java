package dev.understudy.failover;

import dev.understudy.pool.ServerId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What became of one look at a pool. */
public sealed interface Choice {
  /** What holds from now on; to be remembered. */
  Tenure tenure();

  /**
   * When time alone may change the choice; null: only news can. New evidence, an operator or a new
   * file is always a reason to choose again.
   */
  @Nullable Instant lookAgain();

  /** The serving server, or nobody, stays. The tenure may have lost or gained a pin. */
  record Stay(Tenure tenure, @Nullable Instant lookAgain) implements Choice {}

  /**
   * Another serves. The tenure's epoch is greater by one.
   *
   * @param from null: nobody was serving
   * @param to null: nobody is serving
   * @param evidence what the reason rests on, for people
   */
  record Switch(
      Tenure tenure,
      @Nullable Instant lookAgain,
      @Nullable ServerId from,
      @Nullable ServerId to,
      Reason reason,
      String evidence)
      implements Choice {}
}
