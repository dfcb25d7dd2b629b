package dev.understudy.bench.request;

import dev.understudy.bench.load.Traffic;
import dev.understudy.bench.peer.Site;
import java.util.List;
import java.util.function.Supplier;

/** The clients' behaviour. */
enum Scenario {
  KB_1("1 KB", 5_000, () -> Traffic.get("/1k")),
  KB_64("64 KB", 2_000, () -> Traffic.get("/64k")),
  POST("POST of 16 KB", 2_000, () -> Traffic.post("/post", 16 * 1024)),
  WEBSOCKET("WebSocket echo, 125 bytes", 5_000, () -> Traffic.webSocket(125)),
  CONNECTIONS("1 KB, new connections", 1_000, () -> Traffic.get("/1k").onNewConnections()),
  TLS("1 KB, TLS", 3_000, () -> Traffic.get("/1k").overTls()),
  TLS_CONNECTIONS(
      "1 KB, TLS 1.3, new connections", 300, () -> Traffic.get("/1k").onNewConnections().overTls()),
  HTTP2("1 KB, HTTP/2", 5_000, () -> Traffic.get("/1k").overHttp2(Scenario.STREAMS)),
  TLS_START(
      "1 KB, TLS 1.3, the first 5,000 connections",
      0,
      () -> Traffic.get("/1k").onNewConnections().overTls()),
  ROUTES("1 KB, many hosts", 5_000, () -> Traffic.get("/1k", Scenario::someHost, Scenario.HOSTS));

  /** The number of routes in the scenario of many routes. */
  static final int MANY = 10_000;

  /** The number of connections in the scenario of new processes. */
  static final int FIRST_CONNECTIONS = 5_000;

  /** Connections in the scenario of many streams, and streams of each. */
  private static final int MULTIPLEXED = 16;

  private static final int STREAMS = 32;

  /** Requests of each client: all clients together request nearly every host. */
  private static final int HOSTS = 150;

  /** Coprime to the number of hosts, so that clients ask for those all over the table. */
  private static final int STRIDE = 157;

  private final String title;
  private final int rate;
  private final Supplier<Traffic> traffic;

  Scenario(String title, int rate, Supplier<Traffic> traffic) {
    this.title = title;
    this.rate = rate;
    this.traffic = traffic;
  }

  private static String someHost(int request) {
    return Site.host(request * STRIDE % (MANY - 1));
  }

  String title() {
    return title;
  }

  /** Requests each second where the rate is fixed: far from what any proxy can do on two cores. */
  int rate() {
    return rate;
  }

  /** The number of connections at a time, where others have so many. */
  int connections(int usual) {
    return this == HTTP2 ? MULTIPLEXED : usual;
  }

  /** Whether clients use TLS. */
  boolean secure() {
    return switch (this) {
      case TLS, TLS_CONNECTIONS, HTTP2, TLS_START -> true;
      default -> false;
    };
  }

  /** Whether each round measures new processes from their start. */
  boolean fresh() {
    return this == TLS_START;
  }

  Traffic traffic() {
    return traffic.get();
  }

  /** The proxies that take part. */
  List<Contender> contenders() {
    return switch (this) {
      case ROUTES ->
          List.of(
              Contender.HAPROXY_MANY,
              Contender.UNDERSTUDY,
              Contender.UNDERSTUDY_MANY,
              Contender.GATEWAY_LANE_MANY);
      case TLS_CONNECTIONS, HTTP2, TLS_START ->
          List.of(
              Contender.HAPROXY,
              Contender.HAPROXY_NEWEST,
              Contender.NGINX,
              Contender.NGINX_NEWEST,
              Contender.UNDERSTUDY);
      default ->
          List.of(
              Contender.HAPROXY,
              Contender.HAPROXY_NEWEST,
              Contender.NGINX,
              Contender.NGINX_NEWEST,
              Contender.VANILLA,
              Contender.UNDERSTUDY,
              Contender.GATEWAY_LANE);
    };
  }

  /** Whether both can be measured with the same processes. */
  boolean sharesProcesses(Scenario other) {
    return secure() == other.secure()
        && fresh() == other.fresh()
        && contenders().equals(other.contenders());
  }
}
