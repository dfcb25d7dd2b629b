package dev.understudy.pool;

import dev.understudy.pool.Setting.Inline;
import java.util.List;

/**
 * A probe that connects, and sends and expects bytes (HAProxy {@code option tcp-check}).
 *
 * @param steps in their order; empty if a connection is enough
 */
public record TcpCheck(List<TcpStep> steps, @Inline CheckConnection connection) implements Check {
  public TcpCheck {
    steps = List.copyOf(steps);
  }
}
