package dev.understudy.bench.request;

import dev.understudy.bench.peer.Haproxy;
import dev.understudy.bench.peer.Jvm;
import dev.understudy.bench.peer.Nginx;
import dev.understudy.bench.peer.Peer;
import dev.understudy.bench.peer.Program;
import dev.understudy.bench.peer.Program.Edition;
import dev.understudy.bench.peer.Site;
import dev.understudy.bench.peer.UnderstudyJar;
import dev.understudy.bench.peer.Vanilla;
import java.io.IOException;
import java.util.Optional;

/** The measured proxies. */
enum Contender {
  HAPROXY(Haproxy.NAME),
  HAPROXY_NEWEST(Haproxy.NAME),
  HAPROXY_MANY(Haproxy.NAME + ", 10,000 routes"),
  NGINX(Nginx.NAME),
  NGINX_NEWEST(Nginx.NAME),
  VANILLA(Vanilla.NAME),
  UNDERSTUDY(UnderstudyJar.EXPRESS),
  UNDERSTUDY_MANY(UnderstudyJar.EXPRESS + ", 10,000 routes"),
  GATEWAY_LANE(UnderstudyJar.GATEWAY_LANE),
  GATEWAY_LANE_MANY(UnderstudyJar.GATEWAY_LANE + ", 10,000 routes");

  private final String title;

  Contender(String title) {
    this.title = title;
  }

  String title() {
    return switch (this) {
      case HAPROXY, HAPROXY_NEWEST -> program().map(Haproxy::title).orElse(title);
      case NGINX, NGINX_NEWEST -> program().map(Nginx::title).orElse(title);
      default -> title;
    };
  }

  /** Whether it can be run here. */
  boolean isThere() {
    return switch (this) {
      case HAPROXY_NEWEST, NGINX_NEWEST -> program().isPresent();
      default -> true;
    };
  }

  private Optional<Program> program() {
    return switch (this) {
      case HAPROXY -> Program.haproxy(Edition.INSTALLED);
      case HAPROXY_NEWEST -> Program.haproxy(Edition.NEWEST);
      case NGINX -> Program.nginx(Edition.INSTALLED);
      case NGINX_NEWEST -> Program.nginx(Edition.NEWEST);
      default -> Optional.empty();
    };
  }

  Peer start(Site site, Jvm jvm) throws IOException {
    Site many = site.withRoutes(Scenario.MANY);
    return switch (this) {
      case HAPROXY, HAPROXY_NEWEST -> Haproxy.start(program().orElseThrow(), site);
      case HAPROXY_MANY -> Haproxy.start(many);
      case NGINX, NGINX_NEWEST -> Nginx.start(program().orElseThrow(), site);
      case VANILLA -> Vanilla.start(site, jvm);
      case UNDERSTUDY -> UnderstudyJar.start(title, site, jvm);
      case UNDERSTUDY_MANY -> UnderstudyJar.start(title, many, jvm);
      case GATEWAY_LANE -> UnderstudyJar.start(title, site, jvm, UnderstudyJar.EXPRESS_OFF);
      case GATEWAY_LANE_MANY -> UnderstudyJar.start(title, many, jvm, UnderstudyJar.EXPRESS_OFF);
    };
  }

  /** Whether it has to get warm. */
  boolean isJvm() {
    return switch (this) {
      case HAPROXY, HAPROXY_NEWEST, HAPROXY_MANY, NGINX, NGINX_NEWEST -> false;
      case VANILLA, UNDERSTUDY, UNDERSTUDY_MANY, GATEWAY_LANE, GATEWAY_LANE_MANY -> true;
    };
  }

  /** The proxy that it is compared with. */
  Contender reference() {
    return this == HAPROXY_MANY || this == UNDERSTUDY_MANY || this == GATEWAY_LANE_MANY
        ? HAPROXY_MANY
        : HAPROXY;
  }
}
