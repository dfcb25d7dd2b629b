package dev.understudy.bench.request;

import dev.understudy.bench.peer.Haproxy;
import dev.understudy.bench.peer.Jvm;
import dev.understudy.bench.peer.Nginx;
import dev.understudy.bench.peer.Peer;
import dev.understudy.bench.peer.Site;
import dev.understudy.bench.peer.UnderstudyJar;
import dev.understudy.bench.peer.Vanilla;
import java.io.IOException;

/** The measured proxies. */
enum Contender {
  HAPROXY(Haproxy.NAME),
  HAPROXY_MANY(Haproxy.NAME + ", 10,000 routes"),
  NGINX(Nginx.NAME),
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
    return title;
  }

  Peer start(Site site, Jvm jvm) throws IOException {
    Site many = site.withRoutes(Scenario.MANY);
    return switch (this) {
      case HAPROXY -> Haproxy.start(site);
      case HAPROXY_MANY -> Haproxy.start(many);
      case NGINX -> Nginx.start(site);
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
      case HAPROXY, HAPROXY_MANY, NGINX -> false;
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
