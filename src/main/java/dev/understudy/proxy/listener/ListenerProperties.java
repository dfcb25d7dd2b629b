package dev.understudy.proxy.listener;

import dev.understudy.proxy.upstream.ServerLimits;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * The static settings of what listens, beside Boot's own {@code server.*}.
 *
 * @param http the second, plain listener
 * @param proxyProtocol whether every connection to our ports starts with a PROXY protocol header;
 *     there is no third value, because with "if there is one" any client could say who it is
 * @param drain how we stop
 * @param cpuAffinity whether each event loop stays on one CPU; default auto
 * @param client what a client may cost us
 * @param server what a server's response may cost us
 */
@ConfigurationProperties("understudy")
public record ListenerProperties(
    @DefaultValue Http http,
    @DefaultValue("off") ProxyProtocol proxyProtocol,
    @DefaultValue Drain drain,
    @DefaultValue("auto") CpuAffinity cpuAffinity,
    @DefaultValue ClientProperties client,
    @DefaultValue Server server) {

  /**
   * The second, plain listener beside a TLS one, for the redirect.
   *
   * @param port 1-65535, 0: any free one; null: none
   */
  public record Http(@Nullable Integer port) {
    public Http {
      if (port != null && (port < 0 || port > 65535)) {
        throw new IllegalArgumentException(
            "understudy.http.port: expected a port from 0 to 65535, found " + port);
      }
    }
  }

  /** Whether connections start with a PROXY protocol header, version 1 or 2. */
  public enum ProxyProtocol {
    OFF,
    ON
  }

  /**
   * Whether each event loop that serves clients stays on one CPU, as with HAProxy's {@code cpu-map}
   * and {@code cpu-policy} and nginx's {@code worker_cpu_affinity}.
   */
  public enum CpuAffinity {
    /**
     * On one of its own, if the process may use exactly as many CPUs as there are such loops: on a
     * machine of its own, in a {@code cpuset}, with Kubernetes' static CPU manager.
     */
    AUTO,
    /** The scheduler moves them: better where exactly so many CPUs are shared with busy others. */
    OFF
  }

  /**
   * How we stop.
   *
   * @param delay between "not ready" and no new connections; default 5 s
   */
  public record Drain(@DefaultValue("5s") Duration delay) {
    public Drain {
      if (delay.isNegative()) {
        throw new IllegalArgumentException(
            "understudy.drain.delay: expected zero or more, found " + delay);
      }
    }
  }

  /**
   * What a server's response may cost us.
   *
   * @param maxHeaderSize of a response's fields together, 1 KB to 16 MB; a longer head is answered
   *     with 502; default 64 KB
   */
  public record Server(@DefaultValue("64KB") DataSize maxHeaderSize) {
    public Server {
      ClientProperties.requireSize(
          "understudy.server.max-header-size", maxHeaderSize, DataSize.ofMegabytes(16));
    }

    /** What the engine enforces. */
    public ServerLimits serverLimits() {
      return new ServerLimits(Math.toIntExact(maxHeaderSize.toBytes()));
    }
  }
}
