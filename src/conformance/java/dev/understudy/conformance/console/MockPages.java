package dev.understudy.conformance.console;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The documents of a {@link MockReplica} that stay the same. */
final class MockPages {
  private MockPages() {}

  static Object routes() {
    List<Object> routes = new ArrayList<>();
    routes.add(
        route("shop", "express", "its predicates and filters are compiled", "Host=shop.example"));
    routes.add(route("sense", "gateway", "predicate Header is not compiled", "Header=X-Sense"));
    return routes;
  }

  private static Map<String, Object> route(String id, String lane, String why, String predicate) {
    Map<String, Object> route = new LinkedHashMap<>();
    route.put("id", id);
    route.put("lane", lane);
    route.put("why", why);
    route.put("pool", id);
    route.put("predicates", List.of(predicate, "Path=/**"));
    route.put("filters", List.of("StripPrefix=1"));
    route.put("requestsPerSecond", 12.5);
    return route;
  }

  static Object agreement() {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("mode", "kubernetes");
    document.put("store", "Kubernetes API");
    document.put("replica", "understudy-7d9f");
    document.put("inTouch", true);
    document.put("since", Instant.now());
    document.put("why", null);
    document.put("conflicts", 2);
    document.put("skewed", 0);
    document.put("voters", List.of(voter("understudy-7d9f"), voter("understudy-x2k1")));
    Map<String, Object> pool = new LinkedHashMap<>();
    pool.put("pool", "shop");
    pool.put("holder", "a");
    pool.put("epoch", 3);
    pool.put("reason", "FAILBACK");
    pool.put("evidence", "status 200");
    pool.put("decidedBy", "understudy-7d9f");
    pool.put("since", Instant.now());
    pool.put("trusted", true);
    pool.put("local", null);
    document.put("pools", List.of(pool));
    return document;
  }

  private static Map<String, Object> voter(String name) {
    Map<String, Object> voter = new LinkedHashMap<>();
    voter.put("replica", name);
    voter.put("counted", true);
    voter.put("synced", true);
    voter.put("ready", true);
    voter.put("ageSeconds", 1.4);
    Map<String, Object> votes = new LinkedHashMap<>();
    votes.put("shop", Map.of("a@1f", "UP", "b@2e", "REFUSED 3 bad in a row"));
    for (int i = 0; i < 200; i++) {
      votes.put("pool-" + i, Map.of("a@3d", "SILENT no response within 1 s", "b@4c", "UP:17"));
    }
    voter.put("votes", votes);
    return voter;
  }

  static Object certificates() {
    Instant now = Instant.now();
    Map<String, Object> one = new LinkedHashMap<>();
    one.put("bundle", "web");
    one.put("use", "server");
    one.put("subject", "CN=shop.example");
    one.put("names", List.of("shop.example", "www.shop.example"));
    one.put("issuer", "CN=An issuer");
    one.put("notBefore", now.minus(Duration.ofDays(80)));
    one.put("notAfter", now.plus(Duration.ofDays(9)));
    one.put("daysLeft", 9);
    return List.of(one);
  }

  static Object configuration() {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("file", "/etc/understudy/gateway.yaml");
    document.put("appliedAt", Instant.now().minus(Duration.ofHours(30)));
    document.put("rejectedAt", null);
    document.put("problems", List.of());
    document.put(
        "warnings", List.of("gateway.yaml:12: pools.shop.retry.attempts: 1 never retries"));
    return document;
  }

  static Object file() {
    Map<String, Object> check = Map.of("path", "/status", "interval", "2s");
    Map<String, Object> server = Map.of("url", "http://app00.example:8080", "role", "master");
    return Map.of(
        "content",
        Map.of("pools", Map.of("shop", Map.of("health", check, "servers", Map.of("a", server)))));
  }

  static Object process() {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("version", "1.0.0");
    document.put("java", "25.0.1 Temurin");
    document.put("pid", 4711);
    document.put("startedAt", Instant.now().minus(Duration.ofHours(30)));
    document.put("uptimeSeconds", 108_000);
    document.put("cpu", Map.of("processors", 2, "percent", 3.4));
    document.put("memory", Map.of("heapUsed", 91_000_000, "heapMax", 256_000_000));
    document.put(
        "eventLoops",
        Map.of(
            "count",
            2,
            "connections",
            40,
            "longestLagMillis",
            1.7,
            "loops",
            List.of(Map.of("connections", 20, "lagMillis", 0.3))));
    document.put(
        "limits",
        List.of(
            Map.of("name", "client connections", "used", 40, "max", 10_000),
            Map.of("name", "event streams", "used", 29, "max", 32)));
    return document;
  }
}
