package dev.understudy.agreement.quorum;

import dev.understudy.agreement.DecisionThread;
import java.time.Duration;
import java.util.function.Consumer;
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
  private DecisionThread.Timer reading = () -> {};
  private boolean stopped;

  WatchCheck(DecisionThread loop, RegisterCache cache, OwnEntry entry) {
    this.loop = loop;
    this.cache = cache;
    this.entry = entry;
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
    entry.read(
        found -> {
          if (found != null) {
            var unused = loop.schedule(ECHO, () -> resyncBehind(found.revision()));
          }
        },
        failure -> {});
  }

  /** This process writes from now on. */
  void readNoMore() {
    reading.cancel();
  }

  /** Nothing is checked any more. */
  void stop() {
    stopped = true;
    reading.cancel();
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
