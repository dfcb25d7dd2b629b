package dev.understudy.gatewayapi.translate;

import dev.understudy.config.PoolReader.Fault;
import dev.understudy.gatewayapi.object.ClusterObjects;
import dev.understudy.gatewayapi.object.FailoverPolicy;
import dev.understudy.gatewayapi.object.ObjectKind;
import dev.understudy.gatewayapi.object.Reference;
import dev.understudy.gatewayapi.object.Service;
import dev.understudy.pool.Pool;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.UpstreamTls;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The servers of one FailoverPolicy as those of a pool of the dynamic file: each backend, and each
 * Pod with a rank of its own, is an entry whose servers are the endpoints of the Service.
 */
final class PolicyServers {
  /** The most servers of a pool. */
  private static final int MOST = 100;

  private static final String SERVERS = "spec.servers";
  private static final String OTHERS = "*";

  /** No server of a pool may have this name. */
  private static final String RESERVED = "auto";

  private static final String ROLE = "role";
  private static final String PODS = "pods";
  private static final String COUNT = "count";
  private static final String BACKEND = "backendRef";

  /**
   * Where an entry stands in the policy.
   *
   * @param role where its role does
   */
  private record Place(String path, String role) {}

  private final ClusterObjects objects;
  private final ServiceTls tls;
  private final FailoverPolicy policy;
  private final String scheme;
  private final ObjectNode servers = JsonMapper.shared().createObjectNode();
  private final Map<ServerId, String> names = new LinkedHashMap<>();
  private final Map<String, Place> places = new LinkedHashMap<>();
  private final Set<String> backends = new HashSet<>();
  private final List<String> problems = new ArrayList<>();
  private final List<Service.Port> ports = new ArrayList<>();

  /** TLS to each backend; empty for in the clear. */
  private final Set<Optional<ServiceTls.Connection>> connections = new HashSet<>();

  private @Nullable StatusCondition unresolved;
  private @Nullable UpstreamTls settings;

  private PolicyServers(
      ClusterObjects objects, ServiceTls tls, FailoverPolicy policy, String scheme) {
    this.objects = objects;
    this.tls = tls;
    this.policy = policy;
    this.scheme = scheme;
  }

  /**
   * Reads the servers of a policy.
   *
   * @param tls of the Services
   * @param tcp whether connections are relayed to them
   * @param secured whether BackendTLSPolicies count, as they do unless clients' TLS is relayed
   */
  static PolicyServers read(
      ClusterObjects objects, ServiceTls tls, FailoverPolicy policy, boolean tcp, boolean secured) {
    PolicyServers plain = read(objects, tls, policy, tcp ? "tcp" : "http");
    if (!secured || plain.connections.stream().allMatch(Optional::isEmpty)) {
      return plain;
    }
    PolicyServers secure = read(objects, tls, policy, tcp ? "tls" : "https");
    ServiceTls.Connection only =
        secure.connections.size() > 1 ? null : secure.connections.iterator().next().orElse(null);
    secure.settings = only == null ? null : only.settings();
    if (secure.settings == null) {
      secure.problems.add(
          SERVERS
              + ": expected Services whose BackendTLSPolicies are valid and say the same, or that"
              + " all have none");
    }
    if (policy.spec().has("tls")) {
      secure.problems.add("spec.tls: expected none, as the Services have BackendTLSPolicies");
    }
    return secure;
  }

  private static PolicyServers read(
      ClusterObjects objects, ServiceTls tls, FailoverPolicy policy, String protocol) {
    PolicyServers read = new PolicyServers(objects, tls, policy, protocol + "+k8s");
    JsonNode list = policy.spec().path("servers");
    if (!list.isArray() || list.isEmpty()) {
      read.problems.add(SERVERS + ": expected at least one server");
    } else if (list.size() > MOST) {
      read.problems.add(SERVERS + ": expected at most " + MOST + ", found " + list.size());
    } else {
      for (int i = 0; i < list.size(); i++) {
        read.entry(SERVERS + "[" + i + "]", list.get(i));
      }
    }
    read.count();
    return read;
  }

  /** As {@code pools.NAME.servers} of a file. */
  ObjectNode servers() {
    return servers;
  }

  /** The name of the backend or Pod of each entry. */
  Map<ServerId, String> names() {
    return names;
  }

  /** What is wrong with the list, with the paths of the policy. */
  List<String> problems() {
    return problems;
  }

  /** The condition {@code ResolvedRefs}, of the first reference that leads nowhere. */
  StatusCondition resolved() {
    return StatusCondition.yesUnless(unresolved, StatusCondition.RESOLVED_REFS);
  }

  /** Whether all backends say that they speak HTTP/2 without TLS. */
  boolean areHttp2() {
    return !ports.isEmpty()
        && ports.stream().allMatch(each -> "kubernetes.io/h2c".equals(each.appProtocol()));
  }

  /** Whether they are reached by TLS of a BackendTLSPolicy. */
  boolean areSecured() {
    return settings != null;
  }

  /** A pool that was read of them, with TLS as their BackendTLSPolicies say. */
  Pool secured(Pool pool) {
    UpstreamTls secure = settings;
    return secure == null ? pool : ServicePools.secured(pool, secure);
  }

  /** A problem of the pool, with the path of the policy. */
  String problem(Fault fault) {
    String[] parts = fault.property().split("\\.", 3);
    Place place = parts.length > 1 && parts[0].equals("servers") ? places.get(parts[1]) : null;
    String path = fault.property().isEmpty() ? "spec" : "spec." + fault.property();
    if (place != null) {
      String rest = parts.length > 2 ? parts[2] : "";
      path =
          rest.equals(ROLE)
              ? place.role()
              : rest.isEmpty() ? place.path() : place.path() + "." + rest;
    }
    return path + ": " + fault.message();
  }

  private void entry(String path, JsonNode entry) {
    String wrong = wrong(entry);
    if (wrong != null) {
      problems.add(path + wrong);
      return;
    }
    JsonNode backend = entry.path(BACKEND);
    Reference to =
        new Reference(
            backend.path("group").asString(""),
            backend.path("kind").asString("Service"),
            backend.path("namespace").asString(policy.meta().namespace()),
            backend.path("name").asString(""),
            backend.path("port").asInt());
    String url = url(to);
    if (url != null && entry.has(PODS)) {
      pods(path, entry, to, url);
    } else if (url != null) {
      add(to.name(), to, new Place(path, path + "." + ROLE), settings(entry, url));
    }
  }

  /** What is wrong with an entry as it is written, after its path; null if nothing is. */
  private static @Nullable String wrong(JsonNode entry) {
    JsonNode backend = entry.path(BACKEND);
    if (!entry.isObject() || !backend.isObject()) {
      return "." + BACKEND + ": expected a Service, by its name and port";
    }
    if (entry.has("url")) {
      return ".url: expected none, as " + BACKEND + " says where the server is";
    }
    if (backend.path("name").asString("").isEmpty()) {
      return "." + BACKEND + ".name: expected the name of a Service";
    }
    return backend.path("port").isInt() ? null : "." + BACKEND + ".port: expected a number";
  }

  /** The Pods of a Service, each with a rank of its own. */
  private void pods(String path, JsonNode entry, Reference to, String url) {
    JsonNode pods = entry.path(PODS);
    if (!pods.isObject() || pods.isEmpty()) {
      problems.add(path + "." + PODS + ": expected the roles of Pods by their names, or *");
      return;
    }
    if (entry.has(ROLE)) {
      problems.add(path + "." + ROLE + ": expected in " + PODS + ", for each Pod");
      return;
    }
    List<String> all = new ArrayList<>(pods.propertyNames());
    // The API keeps no order; what is preferred to all others comes before them.
    all.sort(Comparator.comparing((String pod) -> pod.equals(OTHERS)).thenComparing(pod -> pod));
    for (String pod : all) {
      boolean others = pod.equals(OTHERS);
      ObjectNode settings = settings(entry, url);
      settings.set(ROLE, pods.path(pod));
      if (!others) {
        settings.put(COUNT, 1);
        settings.set(PODS, JsonMapper.shared().createArrayNode().add(pod));
      }
      Place place = new Place(path, path + "." + PODS + "." + pod);
      add(others ? to.name() : pod, to, place, settings);
    }
  }

  private static ObjectNode settings(JsonNode entry, String url) {
    ObjectNode settings = JsonMapper.shared().createObjectNode();
    settings.put("url", url);
    entry.forEachEntry(
        (key, value) -> {
          if (!key.equals(BACKEND) && !key.equals(PODS)) {
            settings.set(key, value);
          }
        });
    return settings;
  }

  private void add(String name, Reference to, Place place, ObjectNode settings) {
    String backend = to + ":" + to.port() + " " + name;
    if (!backends.add(backend)) {
      problems.add(place.path() + "." + BACKEND + ": expected each backend once");
      return;
    }
    String id = ServerNames.server(name);
    if (servers.has(id) || id.equals(RESERVED)) {
      id = ServerNames.server(name, backend);
    }
    servers.set(id, settings);
    names.put(new ServerId(id), name);
    places.put(id, place);
  }

  /** Shares the places of the pool among the entries that do not say how many Pods they have. */
  private void count() {
    int left = MOST;
    List<ObjectNode> uncounted = new ArrayList<>();
    for (JsonNode each : servers) {
      if (each.has(COUNT)) {
        left -= each.path(COUNT).asInt(0);
      } else {
        uncounted.add((ObjectNode) each);
      }
    }
    for (ObjectNode each : uncounted) {
      each.put(COUNT, Math.max(1, left / uncounted.size()));
    }
  }

  /** The URL of a backend; null if it leads nowhere, or may not be used. */
  private @Nullable String url(Reference to) {
    if (!to.isOf(ObjectKind.SERVICE)) {
      return unresolved("InvalidKind", to + ": expected a Service");
    }
    if (!objects.mayRefer(ObjectKind.FAILOVER_POLICY, policy.meta().namespace(), to)) {
      return unresolved("RefNotPermitted", to + ": no ReferenceGrant there permits it");
    }
    Service service = objects.get(ObjectKind.SERVICE, to.key(), Service.class);
    String url = scheme + "://" + to.name() + "." + to.namespace();
    if (service == null) {
      unresolved("BackendNotFound", to + " does not exist");
      // It has no endpoints, and keeps its place in the pool.
      return url;
    }
    Service.Port port = service.port(to.port());
    if (service.external()) {
      return unresolved("UnsupportedValue", to + " is of type ExternalName, which has no Pods");
    }
    if (port == null) {
      return unresolved("BackendNotFound", to + " has no TCP port " + to.port());
    }
    if (Backends.isNumber(port.name())) {
      return unresolved(
          "UnsupportedValue", to + ": expected a port whose name is no number, not " + port.name());
    }
    ports.add(port);
    connections.add(Optional.ofNullable(tls.to(to.key(), port)));
    return port.name().isEmpty() ? url : url + ":" + port.name();
  }

  private @Nullable String unresolved(String reason, String message) {
    unresolved =
        Objects.requireNonNullElse(unresolved, StatusCondition.unresolved(reason, message));
    return null;
  }
}
