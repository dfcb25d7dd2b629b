package dev.understudy.settings;

import dev.understudy.admin.access.AdminProperties;
import dev.understudy.notification.ReceiverSettings;
import dev.understudy.pool.MassFailurePolicy;
import dev.understudy.pool.Setting.Unset;
import dev.understudy.pool.Setting.Values;
import dev.understudy.proxy.http.TrustedProxies;
import dev.understudy.proxy.listener.ClientProperties;
import dev.understudy.proxy.listener.ListenerProperties;
import dev.understudy.proxy.session.StickyKey;
import dev.understudy.telemetry.AccessLog;
import dev.understudy.telemetry.LogFields;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The static settings {@code understudy.*}. All are listed, so that an unknown one is an error.
 * {@code http}, {@code proxy-protocol}, {@code drain}, {@code admin}, {@code client}, {@code
 * server} and {@code tls} are read by the packages that own them.
 *
 * @param config The dynamic file.
 * @param trustedProxies Proxies in front of Understudy. Only their {@code X-Forwarded-*} and {@code
 *     Forwarded} fields are believed.
 * @param stateFile For {@code agreement.mode: standalone}: serving server, epoch and operators'
 *     states survive a restart. Without it epochs begin at the time in milliseconds with each
 *     start, and no {@code Understudy-Epoch} is sent. In every mode [the history of
 *     events](../deploy/history.md) is kept beside it.
 * @param stickyKeyFile Key of sticky cookies, the same for all replicas; read at the start. Without
 *     it, keep the servers' URLs secret from clients. With another key clients get new cookies.
 * @param logFormat {@code json}: each line of logs and events is a JSON document
 *     ([ECS](https://www.elastic.co/guide/en/ecs/current/)), with an event's parts as fields, and
 *     {@code access-log: plain} is written as {@code json}. {@code text}: short lines in a
 *     terminal, else with date, process, thread and logger.
 * @param accessLog One line for each request to standard output, with target and host as the client
 *     sent them, before filters change them. {@code haproxy}: as [{@code option httplog} and {@code
 *     option tcplog}](access-log.md#lines-as-haproxys) write it.
 * @param accessLogFields Further fields at the end of each request's line, each cut to 256
 *     characters: of the request after the filters, of the server's response, and of the client's
 *     connection. The [guide](access-log.md) has HAProxy's names for them. A field without a value
 *     is {@code -}, in JSON {@code null}.
 * @param tracing {@code on}: a span for each request and each attempt, see
 *     [tracing](../deploy/monitoring/tracing.md).
 * @param cpuAffinity Without effect, accepted for files of 0.9: the kernel places the event loops.
 * @param express {@code off}: all routes run Spring's predicates and filters; see
 *     [these](routes.md#filters-of-spring).
 * @param doubt What happens if most servers, on different hosts, fail within 10 s. {@code follow}:
 *     roles move away from them as usual. {@code keep}: they [stay in
 *     use](../deploy/runbook.md#when-most-servers-fail-at-once).
 * @param zone Where this replica runs, for pools that [prefer servers of the same
 *     zone](balance.md#zones).
 * @param agreement the replicas' agreement
 * @param hooks [hooks](hooks.md) of pools
 * @param extensions Directory of jars with [filters, predicates and health checks of your
 *     own](extensions.md), at most 64; read at the start.
 * @param gatewayApi objects of a cluster
 * @param handover [upgrades](../deploy/operations.md#upgrades) by which nobody is refused
 * @param notifications Receivers of [notifications](../deploy/notifications.md).
 */
@ConfigurationProperties(prefix = "understudy", ignoreUnknownFields = false)
public record StaticSettings(
    @DefaultValue("config/gateway.yaml") Path config,
    @Values("networks such as `10.0.0.0/8`, or single addresses") @DefaultValue
        List<String> trustedProxies,
    @Unset("memory only") @Nullable Path stateFile,
    @Unset("keyed by each server's URL") @Values("a file of 16 to 4096 bytes")
        @Nullable Path stickyKeyFile,
    @DefaultValue("text") LogFormat logFormat,
    @DefaultValue("off") AccessLog.Format accessLog,
    @Values(
            "`{header.NAME}`, `{cookie.NAME}`, `{response.header.NAME}`, `{client.port}`,"
                + " `{listener}`, `{listener.port}`, `{tls.version}`, `{tls.cipher}`,"
                + " `{tls.server-name}`, `{tls.subject}`; at most 20")
        @DefaultValue
        List<String> accessLogFields,
    @DefaultValue("off") Tracing tracing,
    ListenerProperties.@Nullable Http http,
    ListenerProperties.@Nullable ProxyProtocol proxyProtocol,
    ListenerProperties.@Nullable Drain drain,
    @Nullable CpuAffinity cpuAffinity,
    @Nullable AdminProperties admin,
    @Nullable ClientProperties client,
    ListenerProperties.@Nullable Server server,
    ListenerProperties.@Nullable Tls tls,
    @DefaultValue("on") Express express,
    @DefaultValue("follow") MassFailurePolicy doubt,
    @Unset("not known, no preference") @Nullable String zone,
    @DefaultValue AgreementSettings agreement,
    @DefaultValue Hooks hooks,
    @Unset("none") @Nullable Path extensions,
    @DefaultValue GatewayApiSettings gatewayApi,
    @DefaultValue Handover handover,
    @Values("at most 16") @DefaultValue List<ReceiverSettings> notifications) {
  public StaticSettings {
    require("trusted-proxies", () -> TrustedProxies.of(trustedProxies));
    require("access-log-fields", () -> LogFields.of(accessLogFields));
    ReceiverSettings.require(notifications);
    if (stickyKeyFile != null) {
      require("sticky-key-file", () -> StickyKey.inFile(stickyKeyFile));
    }
  }

  @SuppressWarnings("UnusedException") // Spring Boot shows the innermost message only
  private static void require(String setting, Supplier<?> reader) {
    try {
      var unused = reader.get();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("understudy." + setting + ": " + e.getMessage());
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

  /**
   * Static settings of hooks.
   *
   * @param directory Where the programs of hooks are. Unset: hooks are calls over HTTP alone.
   */
  public record Hooks(@Unset("no programs") @Nullable Path directory) {}

  /**
   * Static settings of the handover to the next process.
   *
   * @param socket A Unix socket through which the next process, with the same setting, takes over
   *     from this one. Only this user may connect. Its directory must exist.
   * @param connections How long a process that was replaced may stay alive for its relayed TCP
   *     connections and running responses.
   * @param warmUp How much longer a process that could take over may [warm itself
   *     up](../deploy/operations.md#upgrades). 0s: it takes over at once.
   */
  public record Handover(
      @Unset("no handover, a second process finds the ports in use") @Nullable Path socket,
      @Values("0s or more") @DefaultValue("1h") Duration connections,
      @Values("0s to 5m") @DefaultValue("10s") Duration warmUp) {
    private static final Duration LONGEST_WARM_UP = Duration.ofMinutes(5);

    /** The kernel's limit, less what the socket's name has while it is made. */
    private static final int MOST = 100;

    public Handover {
      if (socket != null && socket.toString().length() > MOST) {
        throw new IllegalArgumentException(
            "understudy.handover.socket: expected at most %d characters, found %d"
                .formatted(MOST, socket.toString().length()));
      }
      if (connections.isNegative()) {
        throw new IllegalArgumentException(
            "understudy.handover.connections: expected zero or more, found " + connections);
      }
      if (warmUp.isNegative() || warmUp.compareTo(LONGEST_WARM_UP) > 0) {
        throw new IllegalArgumentException(
            "understudy.handover.warm-up: expected 0s to 5m, found " + warmUp);
      }
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

  /** The values that files of 0.9 may have. */
  public enum CpuAffinity {
    AUTO,
    OFF
  }

  /** Whether routes that can be compiled skip the Gateway. */
  public enum Express {
    ON,
    OFF
  }
}
