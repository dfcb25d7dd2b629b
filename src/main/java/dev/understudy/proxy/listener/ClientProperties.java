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
 * The settings {@code understudy.client.*}: limits on client connections and requests. {@link
 * FrontLimits} gives their HAProxy equivalents.
 *
 * @param headerTimeout the time for a request's head to arrive, for the first one TLS negotiation
 *     included; default 10 s
 * @param keepAlive the time from a response to the next request; default 30 s
 * @param idle the longest wait for a client that should send or read more; default 60 s
 * @param maxConnections client connections in total; further ones wait in the kernel's backlog;
 *     default 20000
 * @param maxConnectionsPerAddress connections of one address; further ones are closed at once; IPv6
 *     addresses count by their /64; null for no limit
 * @param maxHeaderSize the total size of a request's fields (HTTP/2: RFC 9113 §6.5.2), 1 KB to 1
 *     MB; a larger head gets 431; default 16 KB
 * @param maxRequestLine the length of the request line, 1 KB to 1 MB; a longer one gets 414;
 *     default 8 KB
 * @param maxHeaders the number of a request's fields; more get 431; default 100
 * @param maxRequestsPerConnection requests after which a connection is closed; null for no limit
 * @param maxBody the size of a request's body; a larger one gets 413; null for no limit
 * @param refuseAmbiguousPaths whether a request gets 400 if servers may read its path differently:
 *     {@code //}, dot segments, also as {@code %2e} and {@code ..;}, an encoded slash, backslashes,
 *     {@code %00}; default false
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

  /** Returns the limits that the front enforces. */
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
