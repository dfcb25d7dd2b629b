package dev.understudy.haproxy.objects;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * Objects that say what a dynamic file of an import does: a Gateway, routes, and for each pool a
 * FailoverPolicy with Services and EndpointSlices for its servers. A route is left out if it would
 * let through what the file refuses.
 *
 * @param yaml the objects
 * @param losses what they do not say, each with its line of the file
 */
public record GatewayObjects(String yaml, List<String> losses) {
  private static final String GATEWAY = "imported";

  public GatewayObjects {
    losses = List.copyOf(losses);
  }

  /**
   * Makes the objects.
   *
   * @param file the dynamic file, which loads
   * @param check what is wrong with the settings of a pool in a policy, by their paths
   */
  public static GatewayObjects of(
      String file, Function<Map<String, Object>, Map<String, String>> check) {
    LoaderOptions options = new LoaderOptions();
    options.setMaxAliasesForCollections(Integer.MAX_VALUE);
    options.setCodePointLimit(Integer.MAX_VALUE);
    Map<String, Object> root =
        Fields.map(new Yaml(new SafeConstructor(options)).<Object>load(file));
    return new Making(new Losses(file), check).all(root);
  }

  /** The objects as they are made. */
  private static final class Making {
    private final Losses losses;
    private final Function<Map<String, Object>, Map<String, String>> check;
    private final List<Map<String, Object>> objects = new ArrayList<>();
    private final Map<String, Map<String, Object>> pools = new LinkedHashMap<>();

    /** The routes of each policy: by pool, then by the server that is preferred there. */
    private final Map<String, Map<String, List<String>>> targets = new LinkedHashMap<>();

    Making(Losses losses, Function<Map<String, Object>, Map<String, String>> check) {
      this.losses = losses;
      this.check = check;
    }

    GatewayObjects all(Map<String, Object> root) {
      Fields.map(root.get("pools")).forEach((name, pool) -> pools.put(name, Fields.map(pool)));
      for (String each : root.keySet()) {
        if (!List.of("listeners", "pools", "routes").contains(each)) {
          losses.add(each + ":", "not said: it is the proxy's own");
        }
      }
      Map<String, Boolean> http = new LinkedHashMap<>();
      List<Object> listeners = new ArrayList<>();
      Fields.map(root.get("listeners"))
          .forEach((name, each) -> listener(name, Fields.map(each), listeners, http));
      if (listeners.isEmpty()) {
        listeners.add(Fields.of("name", "http", "port", 80, "protocol", "HTTP"));
        http.put("http", false);
        losses.add("routes:", "port 80 stands for the port of clients, which no line names");
      }
      List<RouteObjects> routes =
          Fields.list(root.get("routes")).stream()
              .map(each -> RouteObjects.of(Fields.map(each), http, losses))
              .filter(each -> each != null)
              .toList();
      losses.order(routes);
      routes.forEach(this::route);
      ServerObjects servers = new ServerObjects(losses);
      targets.forEach((pool, of) -> of.forEach((first, to) -> policy(pool, first, to, servers)));
      Map<String, Object> gateway = new LinkedHashMap<>();
      gateway.put("gatewayClassName", "understudy");
      gateway.put("listeners", listeners);
      objects.addFirst(Fields.object("gateway.networking.k8s.io/v1", "Gateway", GATEWAY, gateway));
      objects.addAll(servers.objects());
      DumperOptions format = new DumperOptions();
      format.setDefaultFlowStyle(DumperOptions.FlowStyle.BLOCK);
      format.setDereferenceAliases(true);
      format.setWidth(120);
      return new GatewayObjects(
          objects.stream()
              .map(each -> new Yaml(format).dump(each))
              .collect(Collectors.joining("---\n")),
          losses.all());
    }

    private void listener(
        String name, Map<String, Object> of, List<Object> to, Map<String, Boolean> http) {
      boolean relays = of.containsKey("pool") || of.containsKey("server-names");
      Map<String, Object> tls = Fields.map(of.get("tls"));
      boolean guarded = tls.keySet().stream().anyMatch(each -> each.matches("client-.*|crl"));
      if (guarded || of.containsKey("server-names") || (relays && !tls.isEmpty())) {
        losses.add(
            name + ":",
            "the listener is left out: certificates of clients, and TCP by names or with TLS, have"
                + " to be written as objects by hand");
        return;
      }
      Map<String, Object> listener = new LinkedHashMap<>();
      listener.put("name", name);
      listener.put("port", of.get("port"));
      listener.put("protocol", relays ? "TCP" : tls.isEmpty() ? "HTTP" : "HTTPS");
      if (!tls.isEmpty()) {
        String secret = name + "-tls";
        listener.put("tls", Map.of("certificateRefs", List.of(Map.of("name", secret))));
        losses.add(
            "certificates:",
            "its files go into the Secret " + secret + ": kubectl create secret tls " + secret);
      }
      to.add(listener);
      losses.addListener(name, of, tls);
      if (relays) {
        String pool = String.valueOf(of.get("pool"));
        Map<String, Object> rule = Map.of("backendRefs", List.of(backend(pool)));
        addRoute("TCPRoute", name, parents(List.of(name)), Map.of("rules", List.of(rule)));
        target(pool, "", "TCPRoute " + name);
      } else {
        http.put(name, !tls.isEmpty());
      }
    }

    private Map<String, Object> backend(String pool) {
      Map<String, Object> of = pools.getOrDefault(pool, Map.of());
      return ServerObjects.backend(pool, of, ServerObjects.first(of));
    }

    private void target(String pool, String first, String route) {
      targets
          .computeIfAbsent(pool, fresh -> new LinkedHashMap<>())
          .computeIfAbsent(first, fresh -> new ArrayList<>())
          .add(route);
    }

    private static List<Object> parents(List<String> listeners) {
      return listeners.stream()
          .map(each -> (Object) Fields.of("name", GATEWAY, "sectionName", each))
          .toList();
    }

    private void addRoute(
        String kind, String name, List<Object> parents, Map<String, Object> rest) {
      Map<String, Object> spec = new LinkedHashMap<>();
      spec.put("parentRefs", parents);
      spec.putAll(rest);
      objects.add(Fields.object("gateway.networking.k8s.io/v1", kind, name, spec));
    }

    private void route(RouteObjects route) {
      Map<String, Object> pool = pools.get(route.pool());
      if (!route.pool().isEmpty() && (pool == null || !ServerObjects.canBeSaid(pool))) {
        losses.add(
            "id: " + route.id(),
            "the route is left out: TLS to servers needs a BackendTLSPolicy, and servers by DNS"
                + " records a Service");
        return;
      }
      if (!route.rest().isEmpty()) {
        List<Object> parents = parents(route.rest());
        Map<String, Object> backend = route.pool().isEmpty() ? null : backend(route.pool());
        addRoute("HTTPRoute", route.id(), parents, route.spec(route.hosts(), backend));
        if (pool != null) {
          target(route.pool(), "", "HTTPRoute " + route.id());
          route.preferred().forEach((host, server) -> prefer(route, host, server, parents));
        }
      }
      if (!route.redirected().isEmpty()) {
        addRoute(
            "HTTPRoute",
            route.id() + "-to-https",
            parents(route.redirected()),
            route.specToHttps());
      }
    }

    /** A route for a host whose requests have another server first. */
    private void prefer(RouteObjects route, String host, String server, List<Object> parents) {
      Map<String, Object> pool = pools.getOrDefault(route.pool(), Map.of());
      if (!"failover".equals(pool.get("mode")) || server.equals(ServerObjects.first(pool))) {
        return;
      }
      String name = route.id() + "-" + server;
      Map<String, Object> backend = ServerObjects.backend(route.pool(), pool, server);
      addRoute("HTTPRoute", name, parents, route.spec(List.of(host), backend));
      target(route.pool(), server, "HTTPRoute " + name);
    }

    private void policy(String name, String first, List<String> routes, ServerObjects servers) {
      Map<String, Object> pool = pools.get(name);
      if (pool == null || !ServerObjects.canBeSaid(pool)) {
        losses.add(name + ":", "the pool is left out: its servers cannot be Services");
        return;
      }
      Map<String, Object> settings = new LinkedHashMap<>(pool);
      check
          .apply(pool)
          .forEach(
              (path, why) -> {
                if (Fields.remove(settings, path)) {
                  String key = path.substring(path.lastIndexOf('.') + 1);
                  losses.add(name + ": > " + key + ":", "not said of pool " + name + ": " + why);
                }
              });
      Map<String, Object> spec = new LinkedHashMap<>();
      spec.put(
          "targetRefs",
          routes.stream()
              .map(each -> each.split(" "))
              .map(
                  each ->
                      Fields.of(
                          "group", "gateway.networking.k8s.io", "kind", each[0], "name", each[1]))
              .toList());
      spec.put("servers", servers.of(name, settings, first));
      settings.remove("servers");
      spec.putAll(settings);
      objects.add(
          Fields.object(
              "understudy.dev/v1alpha1",
              "FailoverPolicy",
              first.isEmpty() ? name : name + "-" + first,
              spec));
    }
  }
}
