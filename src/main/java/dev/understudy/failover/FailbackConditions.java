package dev.understudy.failover;

import dev.understudy.failover.Candidates.RankedServer;
import dev.understudy.pool.DailyWindow;
import dev.understudy.pool.FailbackSettings;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a failback still waits for once the better server has been UP for long enough. The first row
 * that fits:
 *
 * <table>
 * <caption>Conditions</caption>
 * <tr><th>condition<th>looked at again<th>
 * <tr><td>now is outside {@code between}<td>when it next begins<td>
 * <tr><td>more than {@code max-tunnels} are open on the serving server<td>after 1 s<td>
 * <tr><td>the better server is not warm<td>when news of that comes<td>it is to be warmed up now
 * <tr><td>otherwise<td><td>nothing is waited for
 * </table>
 *
 * @param lookAgain when time alone may change the condition; null if only news can
 * @param due when the condition holds, by the clock on the wall; null if that is not known
 * @param why the condition, for people
 * @param warmUp whether the better server is to be warmed up
 */
record FailbackConditions(
    @Nullable Instant lookAgain, @Nullable Instant due, String why, boolean warmUp) {
  private static final Duration TUNNELS_AGAIN = Duration.ofSeconds(1);

  /** The condition that does not hold; null if all do. */
  static @Nullable FailbackConditions of(
      FailbackSettings settings, RankedServer holder, RankedServer better, Instant now) {
    DailyWindow between = settings.between();
    Duration ahead = better.candidate().facts().ahead();
    Instant wall = now.plus(ahead);
    if (between != null && !between.contains(wall, settings.zone())) {
      Instant opening = between.next(wall, settings.zone());
      return new FailbackConditions(opening.minus(ahead), opening, window(settings), false);
    }
    int most = settings.maxTunnels().orElse(Integer.MAX_VALUE);
    if (holder.candidate().facts().openTunnels() > most) {
      String why =
          "waits until at most %d %s open on %s"
              .formatted(most, most == 1 ? "tunnel is" : "tunnels are", holder.id().words());
      return new FailbackConditions(now.plus(TUNNELS_AGAIN), null, why, false);
    }
    return settings.warmUp() != null && !better.candidate().facts().warmedUp()
        ? new FailbackConditions(null, null, "warms up " + better.id().words(), true)
        : null;
  }

  /**
   * When a failback that is due then can be: later if that is outside {@code between}. Both by the
   * clock on the wall.
   */
  static Instant opening(FailbackSettings settings, Instant due) {
    DailyWindow between = settings.between();
    return between == null ? due : between.next(due, settings.zone());
  }

  static String window(FailbackSettings settings) {
    return "waits for " + settings.between() + " " + settings.zone().getId();
  }
}
