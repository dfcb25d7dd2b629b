package dev.understudy.pool;

import java.time.Duration;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * When the role goes back to a better server that returned.
 *
 * @param after for {@link Policy#DELAYED}: time for which that server must have been UP without a
 *     break; default 30 s
 * @param warmUp requests to that server before; null for none
 * @param maxTunnels open tunnels of the serving server, as one replica counts its own, above which
 *     the failback waits; empty for no limit
 * @param between the time of the day; null for any
 * @param zone whose clocks {@code between} means; default UTC
 */
public record FailbackSettings(
    Policy policy,
    Duration after,
    @Nullable WarmUp warmUp,
    OptionalInt maxTunnels,
    @Nullable DailyWindow between,
    ZoneId zone) {
  /** Condition of a failback. */
  public enum Policy {
    /** As soon as the better server is usable; the default but for {@link RoleProof}. */
    IMMEDIATE,
    /** After the better server has been UP for {@code after}. */
    DELAYED,
    /** On an operator's command; the default of database checks. */
    MANUAL
  }

  public static final FailbackSettings DEFAULT =
      new FailbackSettings(Policy.IMMEDIATE, Duration.ofSeconds(30));

  public FailbackSettings {
    Settings.requireNotNegative(after, "after");
  }

  /** Without further conditions. */
  public FailbackSettings(Policy policy, Duration after) {
    this(policy, after, null, OptionalInt.empty(), null, ZoneOffset.UTC);
  }

  /** Whether more than the policy and its time must hold. */
  public boolean hasConditions() {
    return warmUp != null || maxTunnels.isPresent() || between != null;
  }
}
