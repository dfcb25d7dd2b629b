package dev.understudy.pool;

import dev.understudy.pool.Setting.Default;
import dev.understudy.pool.Setting.Required;
import dev.understudy.pool.Setting.Span;
import dev.understudy.pool.Setting.Text;
import dev.understudy.pool.Setting.Unset;
import dev.understudy.pool.Setting.Whole;
import java.time.Duration;
import java.util.Objects;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * One more probe of a server, which asks an agent beside it how it is (HAProxy {@code
 * agent-check}).
 *
 * @param port The agent's port.
 * @param host Where the agent is.
 * @param interval Time between two questions, jittered by ±10 %. The time limit is {@code
 *     health.timeout}.
 * @param send Text to send first.
 */
public record AgentCheck(
    @Required("the agent's port") @Whole(min = 1, max = 65_535) int port,
    @Unset("where the server's probes connect to") @Text(TextFormat.HOST) @Nullable String host,
    @Default("2s") @Span(min = "10ms") Duration interval,
    @Unset("nothing") @Text(TextFormat.NOT_EMPTY) @Nullable String send)
    implements Check {

  public AgentCheck {
    RangeChecks.requirePositive(interval, "interval");
  }

  /** Whether both ask the same agent the same, however often; or there is none in either. */
  public static boolean isSame(@Nullable AgentCheck one, @Nullable AgentCheck other) {
    if (one == null || other == null) {
      return one == null && other == null;
    }
    return one.port == other.port
        && Objects.equals(one.host, other.host)
        && Objects.equals(one.send, other.send);
  }

  /** Agents speak plain text. */
  @Override
  public CheckConnection connection() {
    return new CheckConnection(OptionalInt.of(port), false, false);
  }
}
