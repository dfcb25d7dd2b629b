package dev.understudy.conformance.console;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/** One server of a {@link MockPool}: what a test sets, and numbers that only look like some. */
final class MockServer {
  private static final int STRIP = 60;

  final String name;
  final String rank;
  String url;
  String status = "UP";
  String state = "ready";
  String evidence = "status 200";
  double requestsPerSecond;
  double errorsPerSecond;
  String minutes = "u".repeat(STRIP);

  MockServer(String name, String rank, String url) {
    this.name = name;
    this.rank = rank;
    this.url = url;
  }

  boolean usable() {
    return status.equals("UP") && state.equals("ready");
  }

  boolean well() {
    return usable();
  }

  Map<String, Object> overview(boolean serving, Instant now) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("name", name);
    document.put("url", url);
    document.put("rank", rank);
    document.put("status", status);
    document.put("state", state);
    document.put("serving", serving);
    document.put("usable", usable());
    document.put("circuitOpen", false);
    document.put("requestsPerSecond", serving ? requestsPerSecond : 0);
    document.put("responses", responses(serving));
    document.put("p50Millis", serving ? 1.2 : null);
    document.put("p99Millis", serving ? 19.4 : null);
    document.put("bytesInPerSecond", serving ? 2_400 : 0);
    document.put("bytesOutPerSecond", serving ? 1_234_567 : 0);
    document.put("inFlight", serving ? 3 : 0);
    document.put("maxRequests", rank.equals("backup") ? 500 : null);
    document.put("queued", 0);
    document.put("retries", 2);
    document.put("tunnels", serving ? 4 : 0);
    document.put("sessions", serving ? 17 : 0);
    document.put("checksFailed", status.equals("DOWN") ? 7 : 0);
    document.put("downtimeSeconds", status.equals("DOWN") ? 72 : 0);
    document.put("lastProbe", probe(now));
    document.put("minutes", serving ? minutes.substring(0, STRIP - 1) + "S" : minutes);
    return document;
  }

  private Map<String, Object> responses(boolean serving) {
    Map<String, Object> classes = new LinkedHashMap<>();
    classes.put("1xx", 0);
    classes.put("2xx", serving ? requestsPerSecond - errorsPerSecond : 0);
    classes.put("3xx", 0);
    classes.put("4xx", 0);
    classes.put("5xx", serving ? errorsPerSecond : 0);
    classes.put("none", 0);
    return classes;
  }

  private Map<String, Object> probe(Instant now) {
    Map<String, Object> probe = new LinkedHashMap<>();
    probe.put("at", now);
    probe.put("tookMillis", 1.4);
    probe.put("outcome", status.equals("UP") ? "GOOD" : "REFUSED");
    probe.put("detail", evidence);
    return probe;
  }

  Map<String, Object> detail(boolean serving) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("name", name);
    document.put("address", "10.0.0.7:8080");
    document.put("evidence", evidence);
    document.put("serving", serving);
    document.put("check", check());
    return document;
  }

  private static Map<String, Object> check() {
    Map<String, Object> check = new LinkedHashMap<>();
    check.put("request", "GET /status");
    check.put("expect", "status 200-399");
    check.put("host", null);
    check.put("port", null);
    check.put("intervalMillis", 2_000);
    check.put("timeoutMillis", 1_000);
    check.put("fall", 3);
    check.put("rise", 2);
    return check;
  }
}
