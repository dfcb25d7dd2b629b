package dev.understudy.gatewayapi.translate;

import dev.understudy.gatewayapi.object.ObjectKey;
import dev.understudy.gatewayapi.object.Service;
import dev.understudy.gatewayapi.translate.Backends.Backend;
import dev.understudy.gatewayapi.translate.Backends.Protocol;
import dev.understudy.pool.CheckConnection;
import dev.understudy.pool.FailbackSettings;
import dev.understudy.pool.HealthSettings;
import dev.understudy.pool.PodNames;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.PoolSettings;
import dev.understudy.pool.SectionType;
import dev.understudy.pool.ServerAddress;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.ServerSettings;
import dev.understudy.pool.ServerTemplate;
import dev.understudy.pool.ServerTemplate.Records;
import dev.understudy.pool.TcpCheck;
import dev.understudy.pool.UpstreamTls;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Pools of Services that no FailoverPolicy is attached to: all endpoints serve. */
final class ServicePools {
  /** The most endpoints of one Service. */
  private static final int MOST_ENDPOINTS = 1000;

  /** A light check, as the cluster itself says which endpoints are ready. */
  private static final HealthSettings HEALTH =
      new HealthSettings(
          new TcpCheck(List.of(), CheckConnection.DEFAULT),
          Duration.ofSeconds(10),
          Duration.ofMillis(500),
          Duration.ofSeconds(2),
          Duration.ofSeconds(1),
          3,
          1,
          null);

  /**
   * A backend with its share.
   *
   * @param weight at least 1
   */
  record Shared(Backend backend, int weight) {}

  private ServicePools() {}

  /** The name of the pool of one backend, which all rules with it alone share. */
  static PoolId id(Backend backend) {
    String spoken =
        switch (backend.protocol()) {
          case Protocol.HTTP_1 -> "";
          case Protocol.HTTP_2 -> "-h2";
          case Protocol.TCP -> backend.tls() == null ? "-tcp" : "-tls";
        };
    return GatewayNames.service(backend.service().key(), backend.port().number(), spoken);
  }

  /**
   * A pool of backends that are reached in the same way.
   *
   * @param backends at least one; all usable
   * @throws Refusal if they are reached in different ways
   */
  static Pool of(PoolId id, List<Shared> backends) throws Refusal {
    Backend first = backends.getFirst().backend();
    List<ServerTemplate> templates = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Shared each : backends) {
      Backend backend = each.backend();
      if (backend.protocol() != first.protocol()
          || !Objects.equals(settings(backend), settings(first))) {
        throw Refusal.unsupported(
            "its backends speak different protocols or have different BackendTLSPolicies");
      }
      templates.add(template(name(backend, names), each, backends.size() > 1));
    }
    UpstreamTls tls = settings(first);
    return new Pool(
        id,
        PoolMode.BALANCE,
        List.of(),
        HEALTH,
        FailbackSettings.DEFAULT,
        settings(
            PoolSettings.DEFAULT,
            tls == null ? PoolSettings.DEFAULT.tls() : tls,
            first.protocol() == Protocol.HTTP_2),
        templates);
  }

  /** The pool with other TLS to its servers. */
  static Pool secured(Pool pool, UpstreamTls tls) {
    return new Pool(
        pool.id(),
        pool.mode(),
        pool.servers(),
        pool.health(),
        pool.failback(),
        settings(pool.settings(), tls, pool.settings().http2()),
        pool.templates());
  }

  private static PoolSettings settings(PoolSettings base, UpstreamTls tls, boolean http2) {
    return new PoolSettings(
        base.passive(),
        base.sticky(),
        base.hold(),
        base.retry(),
        base.onSwitch(),
        base.timeouts(),
        tls,
        base.proxyProtocol(),
        base.balance(),
        base.preferSameZone(),
        http2,
        base.hooks(),
        base.promotion());
  }

  private static @Nullable UpstreamTls settings(Backend backend) {
    ServiceTls.Connection tls = backend.tls();
    return tls == null ? null : tls.settings();
  }

  private static ServerTemplate template(String name, Shared shared, boolean several) {
    Service.Port port = shared.backend().port();
    Service service = shared.backend().service();
    ServerAddress.Protocol spoken =
        shared.backend().protocol() == Protocol.TCP
            ? ServerAddress.Protocol.TCP
            : ServerAddress.Protocol.HTTP;
    return new ServerTemplate(
        new ServerId(name),
        new ServerAddress(
            spoken,
            shared.backend().tls() != null,
            service.key().name() + "." + service.key().namespace(),
            port.number()),
        Records.ENDPOINTS,
        MOST_ENDPOINTS,
        SectionType.defaults(ServerSettings.class),
        Duration.ZERO,
        port.name(),
        null,
        PodNames.ALL,
        several ? shared.weight() : 0);
  }

  /** The Service's name as the beginning of its servers' names, unlike those of the others. */
  private static String name(Backend backend, Set<String> taken) {
    ObjectKey service = backend.service().key();
    String name = ServerNames.server(service.name());
    for (int i = 1; !taken.add(name); i++) {
      String what = service + ":" + backend.port().number() + " " + i;
      name = ServerNames.server(service.name(), what);
    }
    return name;
  }
}
