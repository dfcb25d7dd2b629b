package dev.understudy.failover;

import dev.understudy.pool.ServerId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What is to be said of a choice that does not explain itself. See {@link Outlook}. */
public sealed interface Standing {
  /** One sentence's worth of why, for people. */
  String why();

  /** Whether the other says the same, times and evidence aside. */
  boolean sameCause(@Nullable Standing other);

  /**
   * A server of better rank is usable and does not get the role yet.
   *
   * @param better that server
   * @param due when it gets the role if all stays as it is; null: an operator decides
   * @param why what holds the failback back
   */
  record FailbackAwaited(ServerId serving, ServerId better, @Nullable Instant due, String why)
      implements Standing {
    @Override
    public boolean sameCause(@Nullable Standing other) {
      return other instanceof FailbackAwaited that
          && serving.equals(that.serving)
          && better.equals(that.better)
          && why.equals(that.why);
    }
  }

  /** The serving server is DOWN, but answers, and nobody else is usable. */
  record ServesDown(ServerId serving, String why) implements Standing {
    @Override
    public boolean sameCause(@Nullable Standing other) {
      return other instanceof ServesDown that && serving.equals(that.serving);
    }
  }

  /** Nobody serves and, all first probes having ended, nobody could. */
  record Nobody(String why) implements Standing {
    @Override
    public boolean sameCause(@Nullable Standing other) {
      return other instanceof Nobody;
    }
  }
}
