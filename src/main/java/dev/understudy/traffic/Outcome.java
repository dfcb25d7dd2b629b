package dev.understudy.traffic;

import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * How one request ended: what metrics and the access log are made of.
 *
 * @param route null: no route matched
 * @param server the last one that it was sent to; null: it was sent to none
 * @param client the client's address, or the last proxy's before us
 * @param host what the client's {@code Host} says; empty: it has none
 * @param target as the client sent it, whatever a route made of it
 * @param status sent to the client; 0: none
 * @param attempts sends to servers in all
 * @param heldNanos spent waiting for a server that can serve
 * @param durationNanos from the request's head to the end
 * @param bytesIn of the request's body, or from the client of a tunnel
 * @param bytesOut of the response's body, or to the client of a tunnel
 */
public record Outcome(
    @Nullable MatchedRoute route,
    @Nullable PoolId pool,
    @Nullable ServerId server,
    InetSocketAddress client,
    String requestId,
    String method,
    String host,
    String target,
    int status,
    EndReason end,
    int attempts,
    long heldNanos,
    long durationNanos,
    long bytesIn,
    long bytesOut) {
  private static final int MAX_TARGET = 1_024;
  private static final int MAX_HOST = 255;
  private static final int MAX_REQUEST_ID = 128;
  private static final int MAX_METHOD = 32;

  /**
   * The same for those who keep many: the target is cut to 1,024 characters, the host to 255, the
   * request's id to 128 and the method to 32.
   */
  public Outcome bounded() {
    return isBounded()
        ? this
        : new Outcome(
            route,
            pool,
            server,
            client,
            cut(requestId, MAX_REQUEST_ID),
            cut(method, MAX_METHOD),
            cut(host, MAX_HOST),
            cut(target, MAX_TARGET),
            status,
            end,
            attempts,
            heldNanos,
            durationNanos,
            bytesIn,
            bytesOut);
  }

  private boolean isBounded() {
    return target.length() <= MAX_TARGET
        && host.length() <= MAX_HOST
        && requestId.length() <= MAX_REQUEST_ID
        && method.length() <= MAX_METHOD;
  }

  private static String cut(String text, int max) {
    return text.length() <= max ? text : text.substring(0, max - 3) + "...";
  }
}
