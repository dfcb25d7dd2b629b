package dev.understudy.gatewayapi.object;

import dev.understudy.gatewayapi.object.Ingress.Path;
import dev.understudy.gatewayapi.object.Match.PathMatch;
import dev.understudy.gatewayapi.object.Match.PathType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/** Reads Ingresses and their classes. */
public final class IngressReader {
  private static final String DEFAULT = "ingressclass.kubernetes.io/is-default-class";
  private static final String CLASS = "kubernetes.io/ingress.class";

  /** The annotations that count, of any kind of object. */
  public static final Set<String> ANNOTATIONS = Set.of(DEFAULT, CLASS);

  /** Matches all, after every path that is written. */
  private static final PathMatch REST = new PathMatch(PathType.PREFIX, "");

  private final String namespace;
  private final Map<String, List<Path>> paths = new TreeMap<>();

  private IngressReader(String namespace) {
    this.namespace = namespace;
  }

  static IngressClass ofClass(Meta meta, JsonNode object) {
    boolean isDefault = annotations(object).path(DEFAULT).asString("").equals("true");
    return new IngressClass(
        meta, ObjectFields.text(object.path("spec"), "controller", ""), isDefault);
  }

  private static JsonNode annotations(JsonNode object) {
    return object.path("metadata").path("annotations");
  }

  static Ingress ingress(Meta meta, JsonNode object) {
    IngressReader reader = new IngressReader(meta.namespace());
    JsonNode spec = object.path("spec");
    ObjectFields.list(spec.path("rules"), each -> each).forEach(reader::rule);
    JsonNode rest = spec.path("defaultBackend");
    if (!rest.isMissingNode()) {
      reader.paths.computeIfAbsent("", fresh -> new ArrayList<>()).add(reader.path(REST, rest));
    }
    return new Ingress(
        meta,
        ObjectFields.optional(spec, "ingressClassName"),
        annotations(object).has(CLASS),
        reader.paths,
        reader.certificates(ObjectFields.list(spec.path("tls"), each -> each)));
  }

  private void rule(JsonNode node) {
    String host = lower(ObjectFields.text(node, "host", ""));
    paths
        .computeIfAbsent(host, fresh -> new ArrayList<>())
        .addAll(ObjectFields.list(node.path("http").path("paths"), this::path));
  }

  private static String lower(String host) {
    return host.toLowerCase(Locale.ROOT);
  }

  private Path path(JsonNode node) {
    boolean exact = ObjectFields.text(node, "pathType", "").equals("Exact");
    String path = ObjectFields.text(node, "path", "");
    return path(
        new PathMatch(exact ? PathType.EXACT : PathType.PREFIX, path.isEmpty() ? "/" : path),
        node.path("backend"));
  }

  private Path path(PathMatch match, JsonNode backend) {
    JsonNode service = backend.path("service");
    JsonNode to = backend.has("resource") ? backend.path("resource") : service;
    JsonNode port = service.path("port");
    Reference reference =
        new Reference(
            ObjectFields.text(to, "apiGroup", ""),
            ObjectFields.text(to, "kind", ObjectKind.SERVICE.kind()),
            namespace,
            ObjectFields.required(to, "name"),
            ObjectFields.number(port, "number"));
    return new Path(match, reference, ObjectFields.optional(port, "name"));
  }

  /**
   * The certificates of the hosts of rules; those that only {@code tls} names count where a rule or
   * the default backend is for all hosts.
   */
  private Map<String, List<Reference>> certificates(List<JsonNode> tls) {
    Map<String, List<Reference>> all = new TreeMap<>();
    for (JsonNode each : tls) {
      String name = ObjectFields.text(each, "secretName", "");
      Reference secret = Reference.to(ObjectKind.SECRET, new ObjectKey(namespace, name));
      Set<String> named = new TreeSet<>();
      ObjectFields.texts(each.path("hosts")).forEach(host -> named.add(lower(host)));
      Set<String> hosts = new TreeSet<>(paths.containsKey("") ? named : Set.of());
      for (String host : paths.keySet()) {
        if (named.isEmpty() || named.contains(host) || named.contains(wildcard(host))) {
          hosts.add(host);
        }
      }
      hosts.forEach(host -> all.computeIfAbsent(host, fresh -> new ArrayList<>()).add(secret));
    }
    return all;
  }

  /** The wildcard that has a host. */
  private static String wildcard(String host) {
    return "*" + host.substring(Math.max(0, host.indexOf('.')));
  }
}
