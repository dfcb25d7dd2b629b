package dev.understudy.proxy.listener;

import java.time.Duration;
import java.util.concurrent.CompletionStage;

/** Ends all tunnels politely because we stop. */
@FunctionalInterface
public interface TunnelDrain {
  /**
   * Tells both sides of every tunnel, spread over the time that there is.
   *
   * @param grace within which all must have ended
   * @return done when none is left
   */
  CompletionStage<?> drainAll(Duration grace);
}
