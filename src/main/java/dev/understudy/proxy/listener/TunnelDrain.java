package dev.understudy.proxy.listener;

import java.time.Duration;
import java.util.concurrent.CompletionStage;

/** Closes all tunnels and event streams politely when the process stops. */
@FunctionalInterface
public interface TunnelDrain {
  /**
   * Sends close frames to both sides of every tunnel and ends event streams, spread over the grace
   * time.
   *
   * @param grace the time within which all must have ended
   * @return completed when no tunnel is left; streams end with their connections
   */
  CompletionStage<?> drainAll(Duration grace);
}
