package dev.understudy.monitor;

import dev.understudy.snapshot.CheckAges;
import java.time.Duration;
import java.time.Instant;

/**
 * A time in which checks of this replica are late. An immutable value that each look at their ages
 * replaces by the next.
 *
 * <table>
 * <caption>A look</caption>
 * <tr><th>is<th>late checks<th>becomes
 * <tr><td>{@link #NONE}<td>some<td>a new one
 * <tr><td>any, not told<td>some, for {@link #SETTLED}<td>told: by then most of them are known
 * <tr><td>any, not told<td>none<td>{@link #NONE}
 * <tr><td>told<td>none, for {@link #QUIET}<td>{@link #NONE}
 * <tr><td>any other<td>any<td>the same, with what was seen
 * </table>
 *
 * @param begun when the first late check was seen
 * @param told whether it has lasted long enough to be told
 * @param most the most servers whose checks were late at a time
 * @param newest when late checks were seen last
 */
record LateChecks(Instant begun, boolean told, int most, Instant newest) {
  static final Duration SETTLED = Duration.ofSeconds(3);
  static final Duration QUIET = Duration.ofSeconds(30);
  static final LateChecks NONE = new LateChecks(Instant.EPOCH, false, 0, Instant.EPOCH);

  LateChecks look(CheckAges seen, Instant now) {
    if (!seen.anyLate()) {
      return told && now.isBefore(newest.plus(QUIET)) ? this : NONE;
    }
    Instant since = most == 0 ? now : begun;
    boolean lasts = told || !now.isBefore(since.plus(SETTLED));
    return new LateChecks(since, lasts, Math.max(most, seen.late()), now);
  }
}
