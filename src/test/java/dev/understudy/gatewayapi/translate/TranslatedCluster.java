package dev.understudy.gatewayapi.translate;

import dev.understudy.config.PoolReader;
import dev.understudy.config.RouteChecker;
import dev.understudy.deploy.Manifests;
import dev.understudy.gatewayapi.object.ClusterObject;
import dev.understudy.gatewayapi.object.ClusterObjects;
import dev.understudy.gatewayapi.object.ObjectKey;
import dev.understudy.gatewayapi.object.ObjectKind;
import dev.understudy.gatewayapi.object.ObjectReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Objects written as YAML, in namespace {@code shop} unless they say another one, as they are
 * translated where ports 80 and 443 are open; kinds that are not read are left out.
 */
public final class TranslatedCluster {
  final Translation translation;

  public TranslatedCluster(String... yaml) {
    List<ClusterObject> read = new ArrayList<>();
    Map<Integer, Integer> ports = new HashMap<>(PlannedCluster.SETTINGS.main().ports());
    for (String each : yaml) {
      for (JsonNode document : Manifests.parse(each)) {
        add(document, read);
        document.path("spec").path("listeners").forEach(l -> putPort(l.path("port"), ports));
      }
    }
    GatewaySettings settings = PlannedCluster.settings(PlannedCluster.SETTINGS.main().key(), ports);
    translation =
        new ClusterTranslator(settings, new PoolReader(RouteChecker.NONE))
            .translate(ClusterObjects.of(read));
  }

  private static void putPort(JsonNode port, Map<Integer, Integer> to) {
    to.putIfAbsent(port.asInt(), 20_000 + port.asInt() % 10_000);
  }

  /**
   * With what the objects of a page or an import take for granted: the GatewayClass, our Service,
   * and the Secrets that are named.
   */
  public static TranslatedCluster withSecrets(String... yaml) {
    List<String> all = new ArrayList<>(List.of(yaml));
    all.add(
        """
        { kind: GatewayClass, metadata: { name: understudy }, spec: { controllerName: understudy.dev/gateway } }
        ---
        kind: Service
        metadata: { name: understudy, namespace: infra }
        spec: { clusterIP: 10.0.0.1 }
        """);
    Set<String> named = new HashSet<>();
    for (String each : yaml) {
      for (JsonNode document : Manifests.parse(each)) {
        String namespace = document.path("metadata").path("namespace").asString("shop");
        Stream.concat(
                document.findValues("certificateRefs").stream()
                    .flatMap(list -> list.findValuesAsString("name").stream()),
                document.findValuesAsString("secretName").stream())
            .map(name -> name + ", namespace: " + namespace)
            .filter(named::add)
            .forEach(name -> all.add(PlannedCluster.secret(name, "any.test")));
      }
    }
    return new TranslatedCluster(all.toArray(String[]::new));
  }

  private static void add(JsonNode document, List<ClusterObject> to) {
    String name = document.path("kind").asString("");
    for (ObjectKind kind : ObjectKind.values()) {
      if (kind.kind().equals(name)) {
        if (!kind.isClusterScoped() && !document.path("metadata").has("namespace")) {
          ((ObjectNode) document.path("metadata")).put("namespace", "shop");
        }
        to.add(ObjectReader.read(kind, document));
      }
    }
  }

  Report report(ObjectKind kind, String namespace, String name) {
    return translation.reports().get(new ObjectId(kind, new ObjectKey(namespace, name)));
  }

  /** Sentences about all that is not in force as it is written. */
  public List<String> refusals() {
    List<String> all = new ArrayList<>();
    translation
        .reports()
        .forEach(
            (id, report) ->
                conditions(report)
                    .filter(each -> !each.holds() && !each.type().equals("Conflicted"))
                    .forEach(each -> all.add(id + ": " + TestCluster.text(each))));
    return all;
  }

  private static Stream<StatusCondition> conditions(Report report) {
    return switch (report) {
      case Report.OfClass of -> of.conditions().stream();
      case Report.OfGateway of ->
          Stream.concat(
              of.conditions().stream(),
              of.listeners().stream().flatMap(e -> e.conditions().stream()));
      case Report.OfListenerSet of ->
          Stream.concat(
              of.conditions().stream(),
              of.listeners().stream().flatMap(e -> e.conditions().stream()));
      case Report.OfRoute of -> of.parents().stream().flatMap(e -> e.conditions().stream());
      case Report.OfBackendTls of -> of.ancestors().stream().flatMap(e -> e.conditions().stream());
      case Report.OfIngress of -> of.problems().stream();
      case Report.OfFailover of -> of.conditions().stream();
    };
  }

  /** The kinds of the objects that have a report, as often as they have. */
  public List<String> reported() {
    return translation.reports().keySet().stream().map(id -> id.kind().kind()).sorted().toList();
  }

  /** The names of all pools. */
  public List<String> pools() {
    return translation.pools().stream().map(each -> each.id().value()).sorted().toList();
  }
}
