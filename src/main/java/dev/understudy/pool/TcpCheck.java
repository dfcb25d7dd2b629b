package dev.understudy.pool;

import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * A probe that connects, and sends and expects bytes (HAProxy {@code option tcp-check}).
 *
 * @param steps in their order; empty if a connection is enough
 */
public record TcpCheck(
    OptionalInt port, List<TcpStep> steps, @Nullable Boolean tls, boolean proxyProtocol)
    implements Check {
  public TcpCheck {
    steps = List.copyOf(steps);
  }

  /** A check for which a connection such as traffic has is enough. */
  public TcpCheck(OptionalInt port) {
    this(port, List.of(), null, false);
  }
}
