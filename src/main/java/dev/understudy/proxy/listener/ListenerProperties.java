package dev.understudy.proxy.listener;

import dev.understudy.pool.Setting.Unset;
import dev.understudy.pool.Setting.Values;
import dev.understudy.proxy.upstream.ServerLimits;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * The static settings of the listeners, beside Spring Boot's {@code server.*}.
 *
 * @param http the second, plain listener
 * @param proxyProtocol {@code on}: every connection begins with a PROXY protocol header, version 1
 *     or 2.
 * @param drain settings of the stop
 * @param client limits on clients
 * @param server limits on servers' responses
 * @param tls what holds for all TLS
 */
@ConfigurationProperties("understudy")
public record ListenerProperties(
    @DefaultValue Http http,
    @DefaultValue("off") ProxyProtocol proxyProtocol,
    @DefaultValue Drain drain,
    @DefaultValue ClientProperties client,
    @DefaultValue Server server,
    @DefaultValue Tls tls) {

  /**
   * What holds for all TLS.
   *
   * @param provider {@code auto}: BoringSSL where it can be loaded (Linux with glibc on x86-64 or
   *     aarch64), else the JDK's TLS. {@code jdk}: the JDK's TLS.
   * @param ticketKeys File with the [keys of TLS session tickets](tls.md#resumed-sessions), the
   *     same for all replicas, so that a client resumes its session at each of them. It is read
   *     again when it changes. The form is HAProxy's {@code tls-ticket-keys}: at least three lines
   *     of 48 or 80 bytes in base64.
   * @param groups [Groups of key exchanges](tls.md#key-exchange) in order of preference, towards
   *     clients and servers, such as {@code X25519MLKEM768, x25519, secp256r1}. Empty: the
   *     library's own.
   */
  public record Tls(
      @DefaultValue("auto") Provider provider,
      @Unset("the library's own") @Values("a file of at least 3 keys") @Nullable Path ticketKeys,
      @Values("groups that the library has") @DefaultValue List<String> groups) {
    public Tls {
      groups = KeyExchangeGroups.of(groups, provider).names();
      if (ticketKeys != null) {
        try {
          var unusedKeys = TicketKeyFile.read(ticketKeys);
        } catch (TicketKeyFile.UnusableException e) {
          throw new IllegalArgumentException("understudy.tls.ticket-keys: " + e.getMessage(), e);
        }
      }
    }

    /** Returns the library for these settings. */
    public TlsLibrary library() {
      return new TlsLibrary(provider, new KeyExchangeGroups(groups));
    }

    /** The library that speaks TLS. */
    public enum Provider {
      /** The fastest that can be loaded. */
      AUTO,
      /** The JDK's. */
      JDK
    }
  }

  /**
   * The second, plain listener beside a TLS one, for the redirect.
   *
   * @param port A second, plain listener beside a TLS one, for redirects to https. {@code 0}: any
   *     free port.
   */
  public record Http(@Unset("none") @Values("0 to 65535") @Nullable Integer port) {
    public Http {
      if (port != null && (port < 0 || port > 65535)) {
        throw ClientProperties.unexpected("understudy.http.port", "a port from 0 to 65535", port);
      }
    }
  }

  /** Whether connections start with a PROXY protocol header, version 1 or 2. */
  public enum ProxyProtocol {
    OFF,
    ON
  }

  /**
   * Settings of the stop.
   *
   * @param delay At a stop: time from "not ready" until new connections are refused.
   */
  public record Drain(@Values("0s or more") @DefaultValue("5s") Duration delay) {
    public Drain {
      if (delay.isNegative()) {
        throw ClientProperties.unexpected("understudy.drain.delay", "zero or more", delay);
      }
    }
  }

  /**
   * Limits on servers' responses.
   *
   * @param maxHeaderSize Most bytes of the header fields of one response of a server.
   * @param maxHeaders Most header fields of one response of a server, and most trailers.
   */
  public record Server(
      @Values("1KB to 16MB") @DefaultValue("64KB") DataSize maxHeaderSize,
      @Values("1 to 10000") @DefaultValue("200") int maxHeaders) {
    private static final int MOST_HEADERS = 10_000;

    public Server {
      ClientProperties.requireSize(
          "understudy.server.max-header-size", maxHeaderSize, DataSize.ofMegabytes(16));
      if (maxHeaders < 1 || maxHeaders > MOST_HEADERS) {
        throw ClientProperties.unexpected(
            "understudy.server.max-headers", "a number from 1 to " + MOST_HEADERS, maxHeaders);
      }
    }

    /** Returns the limits that the engine enforces. */
    public ServerLimits serverLimits() {
      return new ServerLimits(Math.toIntExact(maxHeaderSize.toBytes()), maxHeaders);
    }
  }
}
