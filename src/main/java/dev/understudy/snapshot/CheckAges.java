package dev.understudy.snapshot;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * How old the newest checks of several servers are.
 *
 * @param servers their number
 * @param late the number of those whose checks are late
 * @param oldest {@link ServerState.Checks#newest} of the server that was checked longest ago, of a
 *     late one if there is any; null without servers
 */
public record CheckAges(int servers, int late, @Nullable Instant oldest) {
  public static final CheckAges NONE = new CheckAges(0, 0, null);

  static CheckAges of(Collection<ServerState> servers) {
    CheckAges ages = NONE;
    for (ServerState server : servers) {
      ServerState.Checks checks = server.checks();
      ages = ages.and(new CheckAges(1, checks.late() ? 1 : 0, checks.newest()));
    }
    return ages;
  }

  /** Those of these servers and of others. */
  CheckAges and(CheckAges others) {
    Instant mine = oldest;
    Instant its = others.oldest;
    boolean takesMine =
        its == null
            || (mine != null && (anyLate() == others.anyLate() ? mine.isBefore(its) : anyLate()));
    return new CheckAges(servers + others.servers, late + others.late, takesMine ? mine : its);
  }

  /** Whether the checks of any server are late. */
  public boolean anyLate() {
    return late > 0;
  }

  /** The same by a clock that is ahead by that much. */
  public CheckAges by(Duration ahead) {
    return new CheckAges(servers, late, oldest == null ? null : oldest.plus(ahead));
  }
}
