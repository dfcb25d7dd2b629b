package dev.understudy.pool;

import dev.understudy.pool.Setting.Default;
import dev.understudy.pool.Setting.Size;
import dev.understudy.pool.Setting.Span;
import java.time.Duration;

/**
 * Who may be promoted without an operator's word, in pools with a required promote hook and a check
 * that proves the role. Patroni has such a bound as {@code maximum_lag_on_failover}.
 *
 * @param maxLag Most bytes by which the data of a server may be behind that of the last primary.
 *     For what counts transactions, as MySQL does, only `max-lag-time` counts.
 * @param maxLagTime Most time of the last primary's writes that a server may lack.
 * @param anyLag Promote a server however far it is behind.
 */
public record PromotionSettings(
    @Default("16MB") @Size(max = "64GB") long maxLag,
    @Default("30s") @Span(min = "0s") Duration maxLagTime,
    @Default("false") boolean anyLag) {
  public static final PromotionSettings DEFAULT = SectionType.defaults(PromotionSettings.class);

  public PromotionSettings {
    RangeChecks.requireNotNegative(maxLagTime, "promotion.max-lag-time");
    if (maxLag < 0) {
      throw new IllegalArgumentException("promotion.max-lag: expected none below 0");
    }
  }
}
