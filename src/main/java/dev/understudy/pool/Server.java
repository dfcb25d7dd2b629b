package dev.understudy.pool;

import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * One address of the application.
 *
 * @param maxRequests limit of requests in flight to it, from this replica; empty for no limit.
 *     Excess requests wait in the hold queue (HAProxy {@code maxconn})
 * @param weight its share of a balance pool, relative to the weights of the others; 0 to {@value
 *     #MAX_WEIGHT}. With 0 it keeps its sessions and gets no new ones
 * @param resolved the IP literal that stands for the address's host, of a server that was {@link
 *     ServerTemplate discovered}; null if the host itself is to be resolved
 * @param healthPort the port that its probes connect to; empty for the pool's, else its own
 * @param healthHost the name or the IP literal that its probes connect to; null for its own
 */
public record Server(
    ServerId id,
    ServerAddress address,
    Rank rank,
    OptionalInt maxRequests,
    int weight,
    @Nullable String resolved,
    OptionalInt healthPort,
    @Nullable String healthHost) {
  public static final int DEFAULT_WEIGHT = 1;
  public static final int MAX_WEIGHT = 256;

  public Server {
    if (weight < 0 || weight > MAX_WEIGHT) {
      throw new IllegalArgumentException("expected a weight from 0 to 256, found " + weight);
    }
  }

  /** A server of the default weight. */
  public Server(ServerId id, ServerAddress address, Rank rank, OptionalInt maxRequests) {
    this(id, address, rank, maxRequests, DEFAULT_WEIGHT);
  }

  /** A server whose host is to be resolved. */
  public Server(
      ServerId id, ServerAddress address, Rank rank, OptionalInt maxRequests, int weight) {
    this(id, address, rank, maxRequests, weight, null);
  }

  /** A server that is probed where it serves, unless its pool says another port. */
  public Server(
      ServerId id,
      ServerAddress address,
      Rank rank,
      OptionalInt maxRequests,
      int weight,
      @Nullable String resolved) {
    this(id, address, rank, maxRequests, weight, resolved, OptionalInt.empty(), null);
  }

  /** The name or the IP literal to connect to. */
  public String host() {
    return resolved == null ? address.host() : resolved;
  }
}
