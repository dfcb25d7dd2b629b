package dev.understudy.conformance.console;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A failover pool of a {@link MockReplica}; chooses as simply as will do. */
final class MockPool {
  /** Who served from when, and why. */
  record Tenure(
      @Nullable String serving,
      Instant from,
      String reason,
      String evidence,
      @Nullable String operator,
      @Nullable String operatorReason) {}

  final String name;
  final List<MockServer> servers;
  final List<Tenure> tenures = new ArrayList<>();
  @Nullable String pinned;
  long epoch;

  MockPool(String name, List<MockServer> servers, Instant since) {
    this.name = name;
    this.servers = List.copyOf(servers);
    serve(servers.get(0).name, since, "INITIAL", "first probe", null, null);
  }

  @Nullable String serving() {
    return tenures.get(tenures.size() - 1).serving();
  }

  MockServer server(String wanted) {
    return servers.stream().filter(one -> one.name.equals(wanted)).findFirst().orElseThrow();
  }

  void serve(
      @Nullable String server,
      Instant now,
      String reason,
      String evidence,
      @Nullable String operator,
      @Nullable String operatorReason) {
    tenures.add(new Tenure(server, now, reason, evidence, operator, operatorReason));
    epoch++;
  }

  /** Whether the choice is another one now. */
  boolean choose(Instant now, String reason, String evidence, @Nullable String by) {
    String best =
        servers.stream()
            .filter(MockServer::usable)
            .map(server -> server.name)
            .findFirst()
            .orElse(null);
    String present = serving();
    if (best == null ? present == null : best.equals(present)) {
      return false;
    }
    serve(best, now, best == null ? "NO_SERVER" : reason, evidence, by, null);
    return true;
  }

  private String condition() {
    if (serving() == null) {
      return "nobody";
    }
    boolean best = server(serving()).rank.equals("master");
    return best && servers.stream().allMatch(MockServer::well) ? "well" : "degraded";
  }

  private @Nullable String cause() {
    String condition = condition();
    if (condition.equals("well")) {
      return null;
    }
    List<String> parts = new ArrayList<>();
    for (MockServer server : servers) {
      if (!server.well()) {
        String how = server.state.equals("ready") ? server.status : "in " + server.state;
        parts.add("server " + server.name + " " + how + ": " + server.evidence);
      }
    }
    String all = String.join("; ", parts);
    return condition.equals("nobody") ? "nobody serves pool " + name + ": " + all : all;
  }

  Map<String, Object> overview(Instant now) {
    Map<String, Object> document = new LinkedHashMap<>();
    Tenure last = tenures.get(tenures.size() - 1);
    document.put("name", name);
    document.put("mode", "failover");
    document.put("condition", condition());
    document.put("severity", List.of("well", "degraded", "", "nobody").indexOf(condition()));
    document.put("cause", cause());
    document.put("serving", last.serving());
    document.put("epoch", epoch);
    document.put("since", last.from());
    document.put("reason", last.reason());
    document.put("held", last.serving() == null ? 12 : 0);
    document.put("retriesPerSecond", 0.0);
    document.put("requestsPerSecond", sum(false));
    document.put("errorsPerSecond", sum(true));
    document.put("p99Millis", sum(false) == 0 ? null : 12.5);
    document.put(
        "servers",
        servers.stream().map(one -> one.overview(one.name.equals(last.serving()), now)).toList());
    return document;
  }

  double sum(boolean errors) {
    return servers.stream()
        .filter(server -> server.name.equals(serving()))
        .mapToDouble(server -> errors ? server.errorsPerSecond : server.requestsPerSecond)
        .sum();
  }

  Map<String, Object> detail() {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("name", name);
    document.put("serving", serving());
    document.put("pinned", pinned);
    document.put("failbackTo", null);
    document.put("failbackDue", null);
    document.put("failbackHeldBy", null);
    document.put("remark", null);
    document.put(
        "servers", servers.stream().map(one -> one.detail(one.name.equals(serving()))).toList());
    return document;
  }

  Map<String, Object> timeline(Instant from, Instant to) {
    List<Map<String, Object>> segments = new ArrayList<>();
    for (int i = 0; i < tenures.size(); i++) {
      Tenure tenure = tenures.get(i);
      Map<String, Object> segment = new LinkedHashMap<>();
      segment.put("serving", tenure.serving());
      segment.put("from", tenure.from());
      segment.put("to", i + 1 < tenures.size() ? tenures.get(i + 1).from() : to);
      segment.put("reason", tenure.reason());
      segment.put("epoch", i + 1);
      segment.put("evidence", tenure.evidence());
      segment.put("operator", tenure.operator());
      segment.put("operatorReason", tenure.operatorReason());
      segments.add(segment);
    }
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("pool", name);
    document.put("from", from);
    document.put("to", to);
    document.put("segments", segments);
    return document;
  }

  /** A minute in which nothing came, and one with the present rates. */
  Map<String, Object> rates() {
    Map<String, Object> rates = new LinkedHashMap<>();
    rates.put("requestsPerSecond", minutes(0.0, sum(false)));
    rates.put("errorsPerSecond", minutes(0.0, sum(true)));
    rates.put("p99Millis", minutes(null, 12.5));
    return rates;
  }

  private static List<@Nullable Double> minutes(@Nullable Double first, Double second) {
    return Arrays.asList(
        first, first, first, first, first, first, second, second, second, second, second, second);
  }

  List<List<Object>> compact() {
    List<List<Object>> segments = new ArrayList<>();
    for (Tenure tenure : tenures) {
      List<Object> segment = new ArrayList<>();
      segment.add(tenure.serving() == null ? null : servers.indexOf(server(tenure.serving())));
      segment.add(tenure.from().toEpochMilli());
      segments.add(segment);
    }
    return segments;
  }
}
