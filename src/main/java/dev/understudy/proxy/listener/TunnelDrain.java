package dev.understudy.proxy.listener;

import java.time.Duration;
import java.util.concurrent.CompletionStage;

/** Ends all tunnels and streams politely because we stop. */
@FunctionalInterface
public interface TunnelDrain {
  /**
   * Tells both sides of every tunnel, and ends event streams, spread over the time that there is.
   *
   * @param grace within which all must have ended
   * @return done when no tunnel is left; streams end with their connections
   */
  CompletionStage<?> drainAll(Duration grace);
}
