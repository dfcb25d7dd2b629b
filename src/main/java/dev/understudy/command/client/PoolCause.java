package dev.understudy.command.client;

import java.util.ArrayList;
import java.util.List;

/**
 * Judges a pool by its servers, for a replica without {@code GET /api/overview}: nobody if no
 * server serves; degraded if a server is DOWN, drained or in maintenance, its circuit is open, or a
 * backup serves.
 */
final class PoolCause {
  private PoolCause() {}

  static PoolCondition condition(JsonValue pool) {
    if (!served(pool)) {
      return PoolCondition.NOBODY;
    }
    return findings(pool).isEmpty() ? PoolCondition.WELL : PoolCondition.DEGRADED;
  }

  /** A balance pool has no serving server: each usable one serves. */
  private static boolean served(JsonValue pool) {
    if (pool.at("serving").text() != null) {
      return true;
    }
    if (!pool.at("mode").text("").equals("balance")) {
      return false;
    }
    for (JsonValue server : pool.at("servers").list()) {
      if (server.at("usable").flag()) {
        return true;
      }
    }
    return false;
  }

  /** Why the pool is not well, as one sentence. */
  static String of(JsonValue pool) {
    List<String> all = new ArrayList<>();
    String remark = pool.at("remark").text();
    if (remark != null) {
      all.add(remark);
    }
    all.addAll(findings(pool));
    return all.isEmpty() ? "no server is usable" : String.join("; ", all);
  }

  private static List<String> findings(JsonValue pool) {
    List<String> findings = new ArrayList<>();
    String two = pool.at("twoPrimaries").at("why").text();
    if (two != null) {
      findings.add(two);
    }
    for (JsonValue server : pool.at("servers").list()) {
      String name = server.at("name").text("?");
      if (server.at("status").text("").equals("DOWN")) {
        findings.add(name + " is DOWN: " + evidence(server));
      }
      String state = server.at("state").text("ready");
      if (!state.equals("ready")) {
        findings.add(name + (state.equals("drain") ? " is drained" : " is in " + state));
      }
      if (server.at("circuitOpen").flag()) {
        findings.add("the circuit breaker of " + name + " is open");
      }
      if (server.at("serving").flag() && server.at("rank").text("").equals("backup")) {
        String held = pool.at("failbackHeldBy").text();
        findings.add("backup " + name + " serves" + (held == null ? "" : ", " + held));
      }
    }
    return findings;
  }

  private static String evidence(JsonValue server) {
    String probe = server.at("lastProbe").at("detail").text();
    return probe == null ? server.at("evidence").text("no evidence") : probe;
  }
}
