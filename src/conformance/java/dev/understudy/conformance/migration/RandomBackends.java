package dev.understudy.conformance.migration;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Backends of HAProxy at random, each with two to four of the same servers: as masters and backups,
 * with all kinds of checks and of what decides who serves. The same seed gives the same.
 */
final class RandomBackends {
  /** The names of the servers. */
  static final List<String> SERVERS = List.of("s0", "s1", "s2", "s3");

  private final Random random;

  RandomBackends(long seed) {
    random = new Random(seed);
  }

  /** The name of the variable that has a server's port. */
  static String variable(String server) {
    return server.toUpperCase(Locale.ROOT);
  }

  static String name(int backend) {
    return "b" + backend;
  }

  /** A file with one frontend on the port in {@code P}, which leads to a backend by its name. */
  String file(int backends) {
    List<String> lines =
        new ArrayList<>(
            List.of(
                "global",
                "  stats socket \"${SOCK}\" level admin",
                "defaults",
                "  mode http",
                "  timeout connect 1s",
                "  timeout client 30s",
                "  timeout server 30s",
                "  timeout check 1s",
                "frontend in",
                "  bind \"127.0.0.1:${P}\""));
    for (int i = 0; i < backends; i++) {
      lines.add("  use_backend %1$s if { hdr(host) %1$s }".formatted(name(i)));
    }
    for (int i = 0; i < backends; i++) {
      add(name(i), lines);
    }
    return String.join("\n", lines) + "\n";
  }

  private void add(String name, List<String> lines) {
    lines.add("backend " + name);
    check(lines);
    sometimes(3, "option redispatch", lines);
    sometimes(3, "option allbackups", lines);
    sometimes(4, "retries " + random.nextInt(4), lines);
    sometimes(3, "balance " + pick("roundrobin", "leastconn", "static-rr"), lines);
    if (random.nextInt(5) == 0) {
      lines.add("  stick-table type ip size 1k");
      lines.add("  stick on " + pick("dst", "src"));
    }
    if (random.nextInt(3) == 0) {
      lines.add("  default-server fall " + (1 + random.nextInt(3)) + " rise 1");
    }
    List<String> names = new ArrayList<>(SERVERS);
    Collections.shuffle(names, random);
    int count = 2 + random.nextInt(3);
    int masters = random.nextInt(3) == 0 ? count : 1 + random.nextInt(count);
    IntStream.range(0, count).forEach(i -> server(names.get(i), i >= masters, lines));
  }

  private void check(List<String> lines) {
    switch (random.nextInt(5)) {
      case 0 -> lines.add("  option httpchk GET /status");
      case 1 -> {
        lines.add("  option httpchk");
        lines.add("  http-check send meth GET uri /status ver HTTP/1.1 hdr Host " + "app");
        lines.add("  http-check expect " + pick("status 200", "string version", "rstring vers"));
      }
      case 2 -> {
        lines.add("  option httpchk GET /status");
        lines.add("  http-check expect " + pick("! status 503", "status 200-399"));
      }
      case 3 -> lines.add("  option tcp-check");
      default -> {}
    }
  }

  private void server(String name, boolean backup, List<String> lines) {
    StringBuilder line =
        new StringBuilder("  server " + name + " \"127.0.0.1:${" + variable(name) + "}\" check");
    line.append(" inter ").append(pick("1s", "1500", "2s"));
    line.append(" fastinter ").append(pick("300", "500ms"));
    add(3, " downinter " + pick("500", "1s"), line);
    add(3, " rise " + (1 + random.nextInt(3)), line);
    add(3, " fall " + (1 + random.nextInt(3)), line);
    add(6, " weight " + random.nextInt(4), line);
    add(12, " disabled", line);
    add(8, " observe layer" + pick("4", "7") + " on-error " + pick("mark-down", "fastinter"), line);
    if (backup) {
      line.append(" backup");
    }
    lines.add(line.toString());
  }

  private void sometimes(int of, String text, List<String> lines) {
    if (random.nextInt(of) == 0) {
      lines.add("  " + text);
    }
  }

  private void add(int of, String text, StringBuilder line) {
    if (random.nextInt(of) == 0) {
      line.append(text);
    }
  }

  private String pick(String... of) {
    return of[random.nextInt(of.length)];
  }
}
