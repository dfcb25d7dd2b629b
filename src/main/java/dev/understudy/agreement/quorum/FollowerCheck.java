package dev.understudy.agreement.quorum;

import dev.understudy.agreement.DecisionThread;
import dev.understudy.agreement.register.Register;
import dev.understudy.agreement.register.RegisterListing;
import dev.understudy.recurring.Timers;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a process that follows the others, and writes nothing itself, in touch: every {@code renew}
 * it lists what there is. If the watch has told all of it, at most 300 ms later, the watch lives;
 * if not, everything is listed and watched anew.
 */
final class FollowerCheck {
  private final Register register;
  private final DecisionThread loop;
  private final RegisterCache cache;
  private final QuorumSettings settings;
  private final RegisterCache.Listener listener;
  private final Backoff backoff;
  private Timers.Timer timer = () -> {};
  private @Nullable Following current;

  FollowerCheck(
      Register register,
      DecisionThread loop,
      RegisterCache cache,
      QuorumSettings settings,
      RandomGenerator random,
      RegisterCache.Listener listener) {
    this.register = register;
    this.loop = loop;
    this.cache = cache;
    this.settings = settings;
    this.listener = listener;
    this.backoff = new Backoff(random);
  }

  /** Begins to list, at once. */
  void begin() {
    end();
    Following next = new Following();
    current = next;
    loop.execute(next::list);
  }

  /** This process writes from now on. */
  void end() {
    current = null;
    timer.cancel();
  }

  /** All lists from one beginning to the next, or to the end. */
  private final class Following {
    private boolean isOver() {
      return this != current;
    }

    private void list() {
      if (isOver()) {
        return;
      }
      long sent = loop.nanoTime();
      long reported = cache.reportedRevision();
      loop.whenDone(register.list(), (result, failure) -> listed(sent, reported, result, failure));
    }

    private void listed(
        long sent, long reported, @Nullable RegisterListing result, @Nullable Throwable failure) {
      if (isOver()) {
        return;
      }
      if (result == null) {
        timer = loop.schedule(backoff.next(failure), this::list);
        listener.failed(RegisterFailures.text(failure));
        return;
      }
      backoff.reset();
      timer = loop.schedule(settings.renew(), this::list);
      if (result.revision() < reported) {
        cache.setBack();
      } else if (cache.covers(result)) {
        listener.listed(sent);
      } else {
        var unused = loop.schedule(WatchCheck.ECHO, () -> lookAgain(sent, result));
      }
    }

    private void lookAgain(long sent, RegisterListing result) {
      if (isOver()) {
        return;
      }
      if (cache.covers(result)) {
        listener.listed(sent);
      } else {
        cache.resync();
      }
    }
  }
}
