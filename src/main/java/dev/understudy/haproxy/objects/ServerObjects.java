package dev.understudy.haproxy.objects;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Servers as Services: those of the cluster by their names, all others by a Service without a
 * selector, whose EndpointSlice has the address.
 */
final class ServerObjects {
  private static final Pattern URL =
      Pattern.compile("(?:http|tcp)://(\\[[0-9a-f:.]+]|[^:/\\[]+)(?::([0-9]+))?");
  private static final Pattern OF_CLUSTER = Pattern.compile("([a-z0-9-]+)\\.([a-z0-9-]+)\\.svc.*");
  private static final Pattern IPV4 = Pattern.compile("(?!127\\.)[0-9]+(\\.[0-9]+){3}");

  /** Stands for an address that is not known; nobody has it (RFC 5737). */
  private static final String UNKNOWN = "192.0.2.1";

  private static final int LONGEST_NAME = 63;

  private final Losses losses;
  private final List<Map<String, Object>> objects = new ArrayList<>();
  private final Set<String> made = new HashSet<>();

  ServerObjects(Losses losses) {
    this.losses = losses;
  }

  List<Map<String, Object>> objects() {
    return objects;
  }

  private static Map<String, Object> servers(Map<String, Object> pool) {
    return Fields.map(pool.get("servers"));
  }

  private static Matcher url(Map<String, Object> pool, String server) {
    Map<String, Object> settings = Fields.map(servers(pool).get(server));
    return URL.matcher(String.valueOf(settings.get("url")));
  }

  static boolean canBeSaid(Map<String, Object> pool) {
    return servers(pool).keySet().stream().allMatch(each -> url(pool, each).matches());
  }

  /** The server that serves first; empty if there is none. */
  static String first(Map<String, Object> pool) {
    return servers(pool).entrySet().stream()
        .filter(each -> !"backup".equals(Fields.map(each.getValue()).get("role")))
        .map(Map.Entry::getKey)
        .findFirst()
        .orElse("");
  }

  /** The reference to a server's Service. */
  static Map<String, Object> backend(String name, Map<String, Object> pool, String server) {
    Matcher url = url(pool, server);
    if (!url.matches()) {
      return Fields.of("name", name, "port", 80);
    }
    int port = url.group(2) == null ? 80 : Integer.parseInt(url.group(2));
    Matcher own = OF_CLUSTER.matcher(url.group(1));
    return own.matches()
        ? Fields.of("name", own.group(1), "namespace", own.group(2), "port", port)
        : Fields.of("name", service(name, server), "port", port);
  }

  private static String service(String pool, String server) {
    String name = pool + "-" + server;
    return name.length() <= LONGEST_NAME
        ? name
        : name.substring(0, LONGEST_NAME - 9) + "-" + Integer.toHexString(name.hashCode());
  }

  /**
   * The servers of a policy; their Services are made once.
   *
   * @param first the server that serves before all others; empty for the one of the pool
   */
  List<Object> of(String name, Map<String, Object> pool, String first) {
    List<Object> all = new ArrayList<>();
    servers(pool)
        .forEach(
            (server, written) -> {
              Map<String, Object> backend = backend(name, pool, server);
              Map<String, Object> settings = Fields.of("backendRef", backend);
              settings.putAll(Fields.map(written));
              settings.remove("url");
              if (!first.isEmpty()) {
                settings.put("role", server.equals(first) ? "master" : "backup");
              }
              all.add(settings);
              if (backend.containsKey("namespace")) {
                losses.add(
                    name + ": > " + server + ":",
                    "needs a ReferenceGrant, unless it is in the namespace");
              } else if (made.add(String.valueOf(backend.get("name")))) {
                add(name + ": > " + server + ":", backend, url(pool, server));
              }
            });
    return all;
  }

  private void add(String setting, Map<String, Object> backend, Matcher url) {
    String name = String.valueOf(backend.get("name"));
    String host = url.matches() ? url.group(1).replaceAll("[\\[\\]]", "") : "";
    boolean six = host.indexOf(':') >= 0 && !host.equals("::1");
    boolean known = six || IPV4.matcher(host).matches();
    if (!known) {
      losses.add(
          setting,
          "the address of %s is not said: put it into EndpointSlice %s for %s, or name the Service of its Pods in the place of %s"
              .formatted(host, name, UNKNOWN, name));
    }
    Object port = Objects.requireNonNull(backend.get("port"));
    Map<String, Object> service =
        Fields.of("clusterIP", "None", "ports", List.of(Fields.of("name", "server", "port", port)));
    objects.add(Fields.object("v1", "Service", name, service));
    objects.add(
        Fields.of(
            "apiVersion",
            "discovery.k8s.io/v1",
            "kind",
            "EndpointSlice",
            "metadata",
            Fields.of("name", name, "labels", Fields.of("kubernetes.io/service-name", name)),
            "addressType",
            six ? "IPv6" : "IPv4",
            "endpoints",
            List.of(Fields.of("addresses", List.of(known ? host : UNKNOWN))),
            "ports",
            List.of(Fields.of("name", "server", "port", port))));
  }
}
