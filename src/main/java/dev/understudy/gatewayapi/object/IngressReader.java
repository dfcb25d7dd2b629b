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

  static IngressClass ofClass(Meta meta, ObjectFields object) {
    return new IngressClass(
        meta,
        object.at("spec").text("controller"),
        annotations(object).text(DEFAULT).equals("true"));
  }

  private static ObjectFields annotations(ObjectFields object) {
    return object.at("metadata").at("annotations");
  }

  static Ingress ingress(Meta meta, ObjectFields object) {
    IngressReader reader = new IngressReader(meta.namespace());
    ObjectFields spec = object.at("spec");
    spec.list("rules", each -> each).forEach(reader::rule);
    if (spec.has("defaultBackend")) {
      reader.ofHost("").add(reader.path(REST, spec.at("defaultBackend")));
    }
    return new Ingress(
        meta,
        spec.optional("ingressClassName"),
        annotations(object).has(CLASS),
        reader.paths,
        reader.certificates(spec.list("tls", each -> each)));
  }

  private List<Path> ofHost(String host) {
    return paths.computeIfAbsent(host, fresh -> new ArrayList<>());
  }

  private void rule(ObjectFields fields) {
    ofHost(lower(fields.text("host"))).addAll(fields.at("http").list("paths", this::path));
  }

  private static String lower(String host) {
    return host.toLowerCase(Locale.ROOT);
  }

  private Path path(ObjectFields fields) {
    PathType type = fields.text("pathType").equals("Exact") ? PathType.EXACT : PathType.PREFIX;
    String path = fields.text("path");
    return path(new PathMatch(type, path.isEmpty() ? "/" : path), fields.at("backend"));
  }

  private Path path(PathMatch match, ObjectFields backend) {
    ObjectFields service = backend.at("service");
    ObjectFields to = backend.has("resource") ? backend.at("resource") : service;
    ObjectFields port = service.at("port");
    Reference reference =
        new Reference(
            to.text("apiGroup"),
            to.text("kind", ObjectKind.SERVICE.kind()),
            namespace,
            to.required("name"),
            port.number("number"));
    return new Path(match, reference, port.optional("name"));
  }

  /**
   * The certificates of the hosts of rules; those that only {@code tls} names count where a rule or
   * the default backend is for all hosts.
   */
  private Map<String, List<Reference>> certificates(List<ObjectFields> tls) {
    Map<String, List<Reference>> all = new TreeMap<>();
    for (ObjectFields each : tls) {
      Reference secret =
          Reference.to(ObjectKind.SECRET, new ObjectKey(namespace, each.text("secretName")));
      Set<String> named = new TreeSet<>();
      each.texts("hosts").forEach(host -> named.add(lower(host)));
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
