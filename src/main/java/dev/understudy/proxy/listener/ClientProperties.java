package dev.understudy.proxy.listener;

import dev.understudy.pool.Setting.Unset;
import dev.understudy.pool.Setting.Values;
import dev.understudy.proxy.frontend.FrontendLimits;
import dev.understudy.proxy.http.RequestParts;
import io.netty.util.internal.PlatformDependent;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.util.unit.DataSize;

/**
 * The settings {@code understudy.client.*}: limits on client connections and requests. {@link
 * FrontendLimits} gives their HAProxy equivalents.
 *
 * @param headerTimeout Time for a request's head to arrive. On a new connection it covers the TLS
 *     handshake too.
 * @param keepAlive Time for which a connection stays open without a request, from the moment when
 *     the last response has left the proxy's buffers.
 * @param idle Time without progress while the client should send more of a body or read more of a
 *     response.
 * @param maxConnections Most connections of all clients together;
 *     [fewer](../deploy/runbook.md#when-this-machine-fails) if the process may open too few files.
 * @param maxConnectionsPerAddress Most connections of one client address. IPv6 addresses count by
 *     /64.
 * @param maxHeaderSize Most bytes of a request's header fields together.
 * @param maxRequestLine Most bytes of the first line of a request.
 * @param maxHeaders Most header fields of one request.
 * @param maxPathSegments Most segments of a path with its matrix parameters and their further
 *     values, where [Spring's filters](limits.md#parts-of-requests) run.
 * @param maxQueryParameters Most parameters of a query, there too.
 * @param maxCookies Most cookies of one request, there too.
 * @param maxRequestsPerConnection Most requests on one connection.
 * @param maxBody Most bytes of a request's body.
 * @param memory Most bytes that wait for clients to read or for servers to take, with 5 KB and its
 *     head for each request, and more for its [parts](limits.md#parts-of-requests). [Shared
 *     fairly](../deploy/runbook.md#when-clients-use-up-memory) among clients.
 * @param refuseAmbiguousPaths Whether [paths that servers read differently](routes.md#paths) are
 *     refused.
 */
public record ClientProperties(
    @Values("more than 0") @DefaultValue("10s") Duration headerTimeout,
    @Values("more than 0") @DefaultValue("30s") Duration keepAlive,
    @Values("more than 0") @DefaultValue("60s") Duration idle,
    @Unset("20000, or one for each 24 KB of heap if these are fewer") @Values("1 or more")
        @Nullable Integer maxConnections,
    @Unset("no limit") @Values("1 or more") @Nullable Integer maxConnectionsPerAddress,
    @Values("1KB to 1MB") @DefaultValue("16KB") DataSize maxHeaderSize,
    @Values("1KB to 1MB") @DefaultValue("8KB") DataSize maxRequestLine,
    @Values("1 or more") @DefaultValue("100") int maxHeaders,
    @Values("1 or more") @DefaultValue("256") int maxPathSegments,
    @Values("1 or more") @DefaultValue("512") int maxQueryParameters,
    @Values("1 or more") @DefaultValue("200") int maxCookies,
    @Unset("no limit") @Values("1 or more") @Nullable Integer maxRequestsPerConnection,
    @Unset("no limit") @Values("0B or more") @Nullable DataSize maxBody,
    @Unset("half of the direct memory") @Values("1MB or more") @Nullable DataSize memory,
    @DefaultValue("false") boolean refuseAmbiguousPaths) {

  private static final int MOST_CONNECTIONS = 20_000;

  /** Over HTTP/2 an idle connection takes 9 KB, and a request 4 to 10 KB. */
  private static final int HEAP_OF_CONNECTION = 24 * 1024;

  private static final DataSize LEAST = DataSize.ofKilobytes(1);
  private static final DataSize MOST = DataSize.ofMegabytes(1);

  public ClientProperties {
    requirePositive("header-timeout", headerTimeout);
    requirePositive("keep-alive", keepAlive);
    requirePositive("idle", idle);
    requirePositive("max-connections", maxConnections);
    requirePositive("max-connections-per-address", maxConnectionsPerAddress);
    requireSize("understudy.client.max-header-size", maxHeaderSize, MOST);
    requireSize("understudy.client.max-request-line", maxRequestLine, MOST);
    requirePositive("max-headers", maxHeaders);
    requirePositive("max-path-segments", maxPathSegments);
    requirePositive("max-query-parameters", maxQueryParameters);
    requirePositive("max-cookies", maxCookies);
    requirePositive("max-requests-per-connection", maxRequestsPerConnection);
    if (memory != null && memory.compareTo(MOST) < 0) {
      throw unexpected("understudy.client.memory", "a size of at least 1MB", memory);
    }
    if (maxBody != null && maxBody.isNegative()) {
      throw unexpected("understudy.client.max-body", "a size of zero or more", maxBody);
    }
  }

  /** The most connections that are wanted. */
  public int connections() {
    return maxConnections == null
        ? (int) Math.min(MOST_CONNECTIONS, Runtime.getRuntime().maxMemory() / HEAP_OF_CONNECTION)
        : maxConnections;
  }

  /**
   * The limits of the frontend.
   *
   * @param most the most connections that this process can have
   */
  public FrontendLimits frontLimits(int most) {
    return new FrontendLimits(
        headerTimeout,
        keepAlive,
        idle,
        Math.min(most, connections()),
        optional(maxConnectionsPerAddress),
        maxHeaders,
        Math.toIntExact(maxRequestLine.toBytes()),
        new RequestParts.Limits(maxPathSegments, maxQueryParameters, maxCookies),
        optional(maxRequestsPerConnection),
        maxBody == null ? OptionalLong.empty() : OptionalLong.of(maxBody.toBytes()),
        memory == null ? PlatformDependent.maxDirectMemory() / 2 : memory.toBytes(),
        refuseAmbiguousPaths);
  }

  private static OptionalInt optional(@Nullable Integer value) {
    return value == null ? OptionalInt.empty() : OptionalInt.of(value);
  }

  private static void requirePositive(String name, Duration value) {
    if (!value.isPositive()) {
      throw unexpected(
          "understudy.client." + name,
          "a duration of more than zero, such as 10s",
          DurationStyle.SIMPLE.print(value, ChronoUnit.MILLIS));
    }
  }

  private static void requirePositive(String name, @Nullable Integer value) {
    if (value != null && value < 1) {
      throw unexpected("understudy.client." + name, "a number of at least 1", value);
    }
  }

  /** Requires a size from 1 KB to {@code most}. */
  static void requireSize(String property, DataSize value, DataSize most) {
    if (value.compareTo(LEAST) < 0 || value.compareTo(most) > 0) {
      throw unexpected(
          property, "a size from 1KB to " + most.toMegabytes() + "MB, such as 16KB", value);
    }
  }

  /** Creates an exception whose message names the setting, the expectation and the value. */
  static IllegalArgumentException unexpected(String property, String expected, Object found) {
    return new IllegalArgumentException(property + ": expected " + expected + ", found " + found);
  }
}
