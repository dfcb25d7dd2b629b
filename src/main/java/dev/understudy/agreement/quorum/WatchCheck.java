package dev.understudy.agreement.quorum;

import dev.understudy.agreement.DecisionThread;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds watches that died silently: what is known to be in this replica's entry must have come back
 * on the watch 300 ms later. If it is there and has not, everything is listed anew.
 */
final class WatchCheck {
  private static final Duration ECHO = Duration.ofMillis(300);

  private final DecisionThread loop;
  private final RegisterCache cache;
  private final OwnEntry entry;
  private final LongConsumer followed;
  private DecisionThread.Timer reading = () -> {};
  private boolean stopped;

  /**
   * @param followed is told when something was read that is back on the watch
   */
  WatchCheck(DecisionThread loop, RegisterCache cache, OwnEntry entry, LongConsumer followed) {
    this.loop = loop;
    this.cache = cache;
    this.entry = entry;
    this.followed = followed;
  }

  /** This process has written that revision. */
  void written(long revision, Consumer<@Nullable Throwable> whenReadFailed) {
    var unused =
        loop.schedule(
            ECHO,
            () -> {
              if (isBehind(revision)) {
                entry.read(
                    found -> {
                      if (found != null) {
                        resyncBehind(revision);
                      }
                    },
                    whenReadFailed);
              }
            });
  }

  /**
   * Reads from now on what another process writes: without the echo of own writes nothing else
   * shows that the watch has died.
   */
  void readEvery(Duration time) {
    reading.cancel();
    reading =
        loop.schedule(
            time,
            () -> {
              readEvery(time);
              if (cache.isListed()) {
                readOther();
              }
            });
  }

  private void readOther() {
    long asked = loop.nanoTime();
    entry.read(
        found -> {
          if (found == null) {
            cache.resync();
          } else if (isBehind(found.revision())) {
            var unused = loop.schedule(ECHO, () -> follow(found.revision(), asked));
          } else {
            followed.accept(asked);
          }
        },
        failure -> {});
  }

  private void follow(long reached, long asked) {
    if (isBehind(reached)) {
      cache.resync();
    } else {
      followed.accept(asked);
    }
  }

  /** This process writes from now on. */
  void readNoMore() {
    reading.cancel();
  }

  /** Lists everything from now on: this replica's entry, which shows the rest, is there no more. */
  void listEvery(Duration time) {
    stopped = true;
    reading.cancel();
    cache.resync();
    reading = loop.schedule(time, () -> listEvery(time));
  }

  private void resyncBehind(long reached) {
    if (isBehind(reached)) {
      cache.resync();
    }
  }

  private boolean isBehind(long reached) {
    return !stopped && cache.reportedRevision() < reached;
  }
}
