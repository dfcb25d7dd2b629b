package dev.understudy.pool;

import dev.understudy.pool.Setting.Default;
import dev.understudy.pool.Setting.Span;
import dev.understudy.pool.Setting.Text;
import dev.understudy.pool.Setting.Whole;
import java.time.Duration;

/**
 * Requests to a returned server before it gets the role back, one after another.
 *
 * @param path Request target of each: a GET with the {@code Host} of {@code health.host}.
 * @param requests Number of responses, of any status, after which the server is warm.
 * @param time Time after which the server counts as warm even with fewer responses.
 */
public record WarmUpSettings(
    @Default("/") @Text(TextFormat.TARGET) String path,
    @Default("50") @Whole(min = 1, max = 10_000) int requests,
    @Default("10s") @Span(max = "10m") Duration time) {
  public static final WarmUpSettings DEFAULT = SectionType.defaults(WarmUpSettings.class);

  public WarmUpSettings {
    RangeChecks.requireAtLeastOne(requests, "requests");
    RangeChecks.requirePositive(time, "time");
  }
}
