package dev.understudy.traffic;

import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * The end of one request: the source of metrics and the access log.
 *
 * @param route null if no route matched
 * @param server the server of the last attempt, even if no connection to it could be made; null if
 *     none
 * @param client the address of the client, or of the last proxy before us
 * @param host the client's {@code Host}; empty if there is none
 * @param target as the client sent it, whatever a route made of it
 * @param status sent to the client; 0 if none
 * @param attempts sends to servers in all
 * @param heldNanos time spent waiting for a server
 * @param responseNanos time from the request's head to the response's head; -1 if the server sent
 *     none
 * @param durationNanos time from the request's head to the end
 * @param bytesIn bytes of the request's body, or from the client of a tunnel
 * @param bytesOut bytes of the response's body, or to the client of a tunnel
 * @param trace the request's span; null if requests are not traced
 * @param side the client's connection; null if it is not known
 */
public record RequestOutcome(
    @Nullable MatchedRoute route,
    @Nullable PoolId pool,
    @Nullable ServerId server,
    InetSocketAddress client,
    String requestId,
    String method,
    String host,
    String target,
    int status,
    RequestEnd end,
    int attempts,
    long heldNanos,
    long responseNanos,
    long durationNanos,
    long bytesIn,
    long bytesOut,
    @Nullable TraceContext trace,
    @Nullable ClientSide side) {
  private static final int MAX_TARGET = 1_024;
  private static final int MAX_HOST = 255;
  private static final int MAX_REQUEST_ID = 128;
  private static final int MAX_METHOD = 32;

  /**
   * Returns the outcome of a request that was not forwarded.
   *
   * @param client of the side
   * @param startNanos when it came, by {@link System#nanoTime}
   */
  public static RequestOutcome local(
      @Nullable MatchedRoute route,
      InetSocketAddress client,
      ClientSide side,
      String requestId,
      String method,
      @Nullable String host,
      String target,
      int status,
      RequestEnd end,
      long startNanos,
      long bytesOut) {
    long duration = System.nanoTime() - startNanos;
    return new RequestOutcome(
        route,
        null,
        null,
        client,
        requestId,
        method,
        host == null ? "" : host,
        target,
        status,
        end,
        0,
        0,
        -1,
        duration,
        0,
        bytesOut,
        null,
        side);
  }

  /** The client's address in the form of RFC 5952, as servers receive it; never queries DNS. */
  public static String address(InetSocketAddress client) {
    return client.getAddress() == null
        ? client.getHostString()
        : NetUtil.toAddressString(client.getAddress());
  }

  /** This outcome with the request's span. */
  public RequestOutcome tracedBy(TraceContext span) {
    return with(requestId, method, host, target, span);
  }

  /**
   * This outcome with bounded texts, for users that keep many: the target is cut to 1,024
   * characters, the host to 255, the request's id to 128 and the method to 32.
   */
  public RequestOutcome bounded() {
    return isBounded()
        ? this
        : with(
            cut(requestId, MAX_REQUEST_ID),
            cut(method, MAX_METHOD),
            cut(host, MAX_HOST),
            cut(target, MAX_TARGET),
            trace);
  }

  private RequestOutcome with(
      String newRequestId,
      String newMethod,
      String newHost,
      String newTarget,
      @Nullable TraceContext newTrace) {
    return new RequestOutcome(
        route,
        pool,
        server,
        client,
        newRequestId,
        newMethod,
        newHost,
        newTarget,
        status,
        end,
        attempts,
        heldNanos,
        responseNanos,
        durationNanos,
        bytesIn,
        bytesOut,
        newTrace,
        side);
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
