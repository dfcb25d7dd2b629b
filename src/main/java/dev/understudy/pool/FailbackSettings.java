package dev.understudy.pool;

import dev.understudy.pool.Setting.Default;
import dev.understudy.pool.Setting.Span;
import dev.understudy.pool.Setting.Text;
import dev.understudy.pool.Setting.Unset;
import dev.understudy.pool.Setting.Whole;
import java.time.Duration;
import java.time.ZoneId;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * When the role goes back to a better server that returned.
 *
 * @param policy When the preferred server gets the role back. {@code immediate}: as soon as it is
 *     usable. {@code delayed}: once it has been UP for the time {@code after}. {@code manual}: when
 *     an operator switches to it.
 * @param after For {@code delayed}: how long the preferred server must be UP without a break.
 * @param warmUp For pools of {@code http} or {@code https} servers: requests to the preferred
 *     server before it gets the role. An empty section, {@code {}}, turns them on with their
 *     defaults.
 * @param maxTunnels The failback waits while more WebSockets, or connections of a TCP pool, are
 *     open on the serving server.
 * @param between The failback waits for this time of the day. `22:00-04:00` goes over midnight.
 * @param zone Time zone of {@code between}.
 */
public record FailbackSettings(
    @Unset("`immediate`, with a [check of a database](databases.md#two-primaries) `manual`")
        Policy policy,
    @Default("30s") @Span(min = "0s") Duration after,
    @Unset("off") @Nullable WarmUpSettings warmUp,
    @Unset("no limit") @Whole(min = 0, max = 1_000_000) OptionalInt maxTunnels,
    @Unset("any time") @Text(TextFormat.DAILY) @Nullable DailyWindow between,
    @Default("UTC") @Text(TextFormat.ZONE) ZoneId zone) {
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
      new FailbackSettings(
          Policy.IMMEDIATE,
          Duration.ofSeconds(30),
          null,
          OptionalInt.empty(),
          null,
          ZoneId.of("UTC"));

  public FailbackSettings {
    RangeChecks.requireNotNegative(after, "after");
  }

  /** Whether more than the policy and its time must hold. */
  public boolean hasConditions() {
    return warmUp != null || maxTunnels.isPresent() || between != null;
  }
}
