package dev.understudy.telemetry;

import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * One request that ended: a line of the access log. Text that the client chose is cut to a bounded
 * length, since many of these may wait to be written.
 *
 * @param route null: no route matched
 * @param server the last one that it was sent to; null: none
 * @param target at most 1,024 characters
 * @param status sent to the client; 0: none
 * @param end how it ended
 * @param attempts sends to servers in all
 */
public record RequestRecord(
    @Nullable String route,
    @Nullable PoolId pool,
    @Nullable ServerId server,
    InetSocketAddress client,
    String requestId,
    String method,
    String host,
    String target,
    int status,
    Enum<?> end,
    int attempts,
    long heldNanos,
    long durationNanos,
    long bytesIn,
    long bytesOut) {
  private static final int MAX_TARGET = 1_024;
  private static final int MAX_HOST = 255;
  private static final int MAX_REQUEST_ID = 128;
  private static final int MAX_METHOD = 32;

  public RequestRecord {
    requestId = Escapes.cut(requestId, MAX_REQUEST_ID);
    method = Escapes.cut(method, MAX_METHOD);
    host = Escapes.cut(host, MAX_HOST);
    target = Escapes.cut(target, MAX_TARGET);
  }
}
