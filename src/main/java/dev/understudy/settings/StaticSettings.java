package dev.understudy.settings;

import dev.understudy.pool.Doubt;
import dev.understudy.proxy.http.TrustedProxies;
import dev.understudy.proxy.listener.ClientProperties;
import dev.understudy.proxy.listener.ListenerProperties;
import dev.understudy.proxy.session.StickyKey;
import dev.understudy.telemetry.AccessLog;
import dev.understudy.telemetry.LogFields;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The static settings {@code understudy.*}. All are listed, so that an unknown one is an error.
 * {@code http}, {@code proxy-protocol}, {@code drain}, {@code cpu-affinity}, {@code admin}, {@code
 * client} and {@code server} are read by the packages that own them.
 *
 * @param config the dynamic file; {@code config/gateway.yaml} by default
 * @param trustedProxies CIDRs of proxies in front of us whose {@code X-Forwarded-*} and {@code
 *     Forwarded} count; none by default
 * @param stateFile the file in which a standalone replica keeps its decisions; the history of
 *     events is kept beside it, in every mode; null for memory only
 * @param stickyKeyFile the file with the key of sticky cookies, 16 to 4096 bytes, read at the
 *     start; null for a key derived from the servers' URLs
 * @param logFormat text (default), or json for logs, events and an access log that is plain
 *     otherwise
 * @param accessLog off (default), plain, json or haproxy, as it was set
 * @param accessLogFields further fields of the access log; see {@link LogFields}
 * @param tracing off (default), or on for spans of requests; read where the tracing is imported
 * @param express on (default), or off to leave all routes to the Gateway
 * @param doubt what becomes of servers while most of them failed at once: follow (default), keep
 * @param agreement the replicas' agreement
 */
@ConfigurationProperties(prefix = "understudy", ignoreUnknownFields = false)
public record StaticSettings(
    @DefaultValue("config/gateway.yaml") Path config,
    @DefaultValue List<String> trustedProxies,
    @Nullable Path stateFile,
    @Nullable Path stickyKeyFile,
    @DefaultValue("text") LogFormat logFormat,
    @DefaultValue("off") AccessLog.Format accessLog,
    @DefaultValue List<String> accessLogFields,
    @DefaultValue("off") Tracing tracing,
    ListenerProperties.@Nullable Http http,
    ListenerProperties.@Nullable ProxyProtocol proxyProtocol,
    ListenerProperties.@Nullable Drain drain,
    ListenerProperties.@Nullable CpuAffinity cpuAffinity,
    @Nullable Admin admin,
    @Nullable ClientProperties client,
    ListenerProperties.@Nullable Server server,
    @DefaultValue("on") Express express,
    @DefaultValue("follow") Doubt doubt,
    @DefaultValue AgreementSettings agreement) {
  @SuppressWarnings("UnusedException") // Spring Boot shows the innermost message only
  public StaticSettings {
    try {
      TrustedProxies.of(trustedProxies);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("understudy.trusted-proxies: " + e.getMessage());
    }
    try {
      LogFields.of(accessLogFields);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("understudy.access-log-fields: " + e.getMessage());
    }
    try {
      if (stickyKeyFile != null) {
        StickyKey.inFile(stickyKeyFile);
      }
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("understudy.sticky-key-file: " + e.getMessage());
    }
  }

  /** The form of the access log, as {@code log-format} has it. */
  public AccessLog.Format accessLogFormat() {
    return logFormat == LogFormat.JSON && accessLog == AccessLog.Format.PLAIN
        ? AccessLog.Format.JSON
        : accessLog;
  }

  /** Returns the key of sticky cookies; reads the file. */
  public StickyKey stickyKey() {
    return stickyKeyFile == null ? StickyKey.DERIVED : StickyKey.inFile(stickyKeyFile);
  }

  /** The names of {@code understudy.admin.*}; the package {@code admin} reads their values. */
  record Admin(
      @Nullable Object token,
      @Nullable Object tokenFile,
      @Nullable Object tokensFile,
      @DefaultValue("open") Reads reads,
      @DefaultValue List<String> hosts) {
    /** Who may read. */
    enum Reads {
      OPEN,
      TOKEN
    }

    @Override
    public String toString() {
      return "Admin[***]";
    }
  }

  /** The form of log lines; see {@link LogLines}. */
  public enum LogFormat {
    TEXT,
    JSON
  }

  /** Whether requests are traced. */
  public enum Tracing {
    OFF,
    ON
  }

  /** Whether routes that can be compiled skip the Gateway. */
  public enum Express {
    ON,
    OFF
  }
}
