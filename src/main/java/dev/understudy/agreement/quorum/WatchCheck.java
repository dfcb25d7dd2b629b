package dev.understudy.agreement.quorum;

import dev.understudy.agreement.DecisionThread;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds watches that died silently: what this process wrote must have come back on the watch 300 ms
 * later. If it is there and has not, everything is listed anew.
 */
final class WatchCheck {
  /** How long what was written may take to come by the watch. */
  static final Duration ECHO = Duration.ofMillis(300);

  private final DecisionThread loop;
  private final RegisterCache cache;
  private final OwnEntry entry;
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
                      if (found != null && isBehind(revision)) {
                        cache.resync();
                      }
                    },
                    whenReadFailed);
              }
            });
  }

  /** Nothing is checked any more. */
  void stop() {
    stopped = true;
  }

  private boolean isBehind(long reached) {
    return !stopped && cache.reportedRevision() < reached;
  }
}
