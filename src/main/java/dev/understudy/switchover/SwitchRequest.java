package dev.understudy.switchover;

import dev.understudy.pool.Hook;
import dev.understudy.pool.HookSettings;
import dev.understudy.pool.Operator;
import dev.understudy.pool.ServerId;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A request for a planned switch.
 *
 * @param to the server that is to serve
 * @param pause the longest time for which clients are held, 1 s to 5 min; default 10 s. What runs
 *     at the old server has half of it, and never more than nine tenths of the pool's {@code
 *     hold.time}
 * @param force whether what still runs then is cut instead of the switch given up
 * @param at the earliest time of the switch; null for now
 * @param by who asked; null if not known
 * @param failback whether no operator did: a server of better rank returned
 * @param acceptLoss whether the new server may be promoted however far its data is behind
 */
public record SwitchRequest(
    ServerId to,
    Duration pause,
    boolean force,
    @Nullable Instant at,
    @Nullable Operator by,
    boolean failback,
    boolean acceptLoss) {
  public static final Duration DEFAULT_PAUSE = Duration.ofSeconds(10);
  public static final Duration SHORTEST_PAUSE = Duration.ofSeconds(1);
  public static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);

  /** A request of an operator. */
  public SwitchRequest(
      ServerId to, Duration pause, boolean force, @Nullable Instant at, @Nullable Operator by) {
    this(to, pause, force, at, by, false, false);
  }

  /** The same request, by an operator who accepts what is lost. */
  public SwitchRequest acceptingLoss() {
    return new SwitchRequest(to, pause, force, at, by, failback, true);
  }

  /** A failback in a pool with these hooks, for each of which its own time is added. */
  public static SwitchRequest failback(ServerId to, HookSettings hooks) {
    Duration pause = DEFAULT_PAUSE;
    for (Hook hook : new Hook[] {hooks.demote(), hooks.promote()}) {
      pause = hook == null ? pause : pause.plus(hook.timeout());
    }
    boolean tooLong = pause.compareTo(LONGEST_PAUSE) > 0;
    return new SwitchRequest(to, tooLong ? LONGEST_PAUSE : pause, false, null, null, true, false);
  }

  /** What it is, for people. */
  public String words() {
    return failback ? "failback" : "planned switch";
  }

  public SwitchRequest {
    if (pause.compareTo(SHORTEST_PAUSE) < 0 || pause.compareTo(LONGEST_PAUSE) > 0) {
      throw new IllegalArgumentException("pause: expected 1s to 5m");
    }
  }
}
