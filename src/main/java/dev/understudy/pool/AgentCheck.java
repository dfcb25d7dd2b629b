package dev.understudy.pool;

import java.time.Duration;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * One more probe of a server, which asks an agent beside it how it is (HAProxy {@code
 * agent-check}).
 *
 * @param agentPort the agent's port
 * @param host where the agent is; null for the server's own host
 * @param interval between questions; default 2 s
 * @param send sent first, as UTF-8; null for nothing
 */
public record AgentCheck(
    int agentPort, @Nullable String host, Duration interval, @Nullable String send)
    implements Check {
  public static final Duration DEFAULT_INTERVAL = Duration.ofSeconds(2);

  public AgentCheck {
    Settings.requirePositive(interval, "interval");
  }

  @Override
  public OptionalInt port() {
    return OptionalInt.of(agentPort);
  }

  /** Agents speak plain text. */
  @Override
  public Boolean tls() {
    return false;
  }

  @Override
  public boolean proxyProtocol() {
    return false;
  }
}
