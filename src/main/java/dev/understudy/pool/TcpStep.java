package dev.understudy.pool;

import org.jspecify.annotations.Nullable;

/** One step of a {@link TcpCheck}. */
public sealed interface TcpStep {
  /** Sends bytes, and forgets those received so far (HAProxy {@code tcp-check send}). */
  record Send(Octets bytes) implements TcpStep {}

  /**
   * Waits for bytes (HAProxy {@code tcp-check expect}). The bytes stay for the following steps, up
   * to the next {@link Send}.
   *
   * @param not whether the bytes must not be found
   * @param bytes to be found; null if {@code regex} is set
   * @param regex expression to be found in the bytes, read as UTF-8; null if {@code bytes} is set
   * @param minBytes number of received bytes from which on a miss is final; 0 if a miss is final
   *     only at the connection's end or after 16 KB
   */
  record Expect(boolean not, @Nullable Octets bytes, @Nullable Regex regex, int minBytes)
      implements TcpStep {}
}
