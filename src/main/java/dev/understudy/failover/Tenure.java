package dev.understudy.failover;

import dev.understudy.pool.ServerId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Who plays a pool's role, and all that the next choice must remember of the past: what survives a
 * restart.
 *
 * @param serving null: nobody
 * @param epoch counts the changes of {@code serving}; 0: there was never a choice
 * @param pinned the server an operator switched to, while it is serving; null: none
 * @param failbacks in succession, each within ten minutes after the one before
 * @param lastFailback when the newest of them was; null: never
 */
public record Tenure(
    @Nullable ServerId serving,
    long epoch,
    @Nullable ServerId pinned,
    int failbacks,
    @Nullable Instant lastFailback) {
  /** No record. */
  public static final Tenure NONE = new Tenure(null, 0, null, 0, null);

  public Tenure {
    if (epoch < 0 || failbacks < 0) {
      throw new IllegalArgumentException("epoch and failbacks: expected 0 or more");
    }
    if (epoch == 0 && serving != null) {
      throw new IllegalArgumentException("serving: expected none in epoch 0, found " + serving);
    }
    if (pinned != null && !pinned.equals(serving)) {
      throw new IllegalArgumentException("pinned: expected the serving server, found " + pinned);
    }
  }

  /** Without a pin: an operator's {@code auto}. */
  public Tenure unpinned() {
    return new Tenure(serving, epoch, null, failbacks, lastFailback);
  }

  /** With the serving server pinned. */
  Tenure pinnedHere() {
    return new Tenure(serving, epoch, serving, failbacks, lastFailback);
  }

  /** The next epoch, in which another serves; a pin ends. */
  Tenure next(@Nullable ServerId to) {
    return new Tenure(to, epoch + 1, null, failbacks, lastFailback);
  }

  /** With that many failbacks in succession, the last one now. */
  Tenure failedBack(int count, Instant now) {
    return new Tenure(serving, epoch, pinned, count, now);
  }
}
