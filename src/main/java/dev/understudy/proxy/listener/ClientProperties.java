package dev.understudy.proxy.listener;

import dev.understudy.proxy.front.FrontLimits;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.util.unit.DataSize;

/**
 * {@code understudy.client.*}: what a client may cost us. Those that have a name in HAProxy are
 * called by it in {@link FrontLimits}.
 *
 * @param headerTimeout for a request's head to come, for the first one TLS handshake included;
 *     default 10 s
 * @param keepAlive until the next request begins; default 30 s
 * @param idle for a client to send more, or to read more, when it is its turn; default 60 s
 * @param maxConnections in all; more wait in the kernel's backlog; default 20000
 * @param maxConnectionsPerAddress more are closed at once; IPv6 addresses count by their /64; null:
 *     no limit
 * @param maxHeaderSize of a request's fields together (HTTP/2: RFC 9113 §6.5.2), 1 KB to 1 MB; more
 *     are answered with 431; default 16 KB
 * @param maxRequestLine 1 KB to 1 MB; a longer one is answered with 414; default 8 KB
 * @param maxHeaders fields of a request; more are answered with 431; default 100
 * @param maxRequestsPerConnection after which it is closed; null: no limit
 * @param maxBody of a request; a longer one is answered with 413; null: no limit
 * @param refuseAmbiguousPaths whether a request is answered with 400 whose path servers may read
 *     differently: {@code //}, dot segments, also as {@code %2e} and {@code ..;}, an encoded slash,
 *     backslashes, {@code %00}; default false
 */
public record ClientProperties(
    @DefaultValue("10s") Duration headerTimeout,
    @DefaultValue("30s") Duration keepAlive,
    @DefaultValue("60s") Duration idle,
    @DefaultValue("20000") int maxConnections,
    @Nullable Integer maxConnectionsPerAddress,
    @DefaultValue("16KB") DataSize maxHeaderSize,
    @DefaultValue("8KB") DataSize maxRequestLine,
    @DefaultValue("100") int maxHeaders,
    @Nullable Integer maxRequestsPerConnection,
    @Nullable DataSize maxBody,
    @DefaultValue("false") boolean refuseAmbiguousPaths) {

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
    requirePositive("max-requests-per-connection", maxRequestsPerConnection);
    if (maxBody != null && maxBody.isNegative()) {
      throw unexpected("understudy.client.max-body", "a size of zero or more", maxBody);
    }
  }

  /** What the front door enforces. */
  public FrontLimits frontLimits() {
    return new FrontLimits(
        headerTimeout,
        keepAlive,
        idle,
        maxConnections,
        optional(maxConnectionsPerAddress),
        maxHeaders,
        Math.toIntExact(maxRequestLine.toBytes()),
        optional(maxRequestsPerConnection),
        maxBody == null ? OptionalLong.empty() : OptionalLong.of(maxBody.toBytes()),
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

  /** Refuses less than 1 KB and more than that. */
  static void requireSize(String property, DataSize value, DataSize most) {
    if (value.compareTo(LEAST) < 0 || value.compareTo(most) > 0) {
      throw unexpected(
          property, "a size from 1KB to " + most.toMegabytes() + "MB, such as 16KB", value);
    }
  }

  private static IllegalArgumentException unexpected(
      String property, String expected, Object found) {
    return new IllegalArgumentException(property + ": expected " + expected + ", found " + found);
  }
}
