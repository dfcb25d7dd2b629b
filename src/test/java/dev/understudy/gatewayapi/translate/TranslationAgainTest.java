package dev.understudy.gatewayapi.translate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.config.PoolReader;
import dev.understudy.config.RouteChecker;
import dev.understudy.deploy.Manifests;
import dev.understudy.gatewayapi.object.ClusterObject;
import dev.understudy.gatewayapi.object.ClusterObjects;
import dev.understudy.gatewayapi.object.ObjectKind;
import dev.understudy.gatewayapi.object.ObjectReader;
import dev.understudy.pool.RouteSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Translations one after the other: what was before shows in none of them. */
class TranslationAgainTest {
  private static final int ROUNDS = 300;

  /** Services, by their places among all objects. */
  private static final int A = 3;

  private static final int B = 4;

  /**
   * Objects, each in several forms; they may be missing, too, but for Services of the policy. None
   * is ever refused: then its last good form would count.
   */
  private static final List<List<String>> FORMS =
      List.of(
          gateway("from: All"),
          gateway("from: Selector, selector: { matchLabels: { team: web } }"),
          List.of(
              "{ kind: Namespace, metadata: { name: shop, labels: { team: web } } }",
              "{ kind: Namespace, metadata: { name: shop } }"),
          List.of(service("a", "{ name: web, port: 80 }"), service("a", "{ name: two, port: 80 }")),
          List.of(service("b", "{ name: web, port: 80 }"), service("b", "{ name: web, port: 81 }")),
          List.of(
              "{ kind: Service, metadata: { name: c, namespace: other }, spec: { ports: [ { name:"
                  + " web, port: 80 } ] } }"),
          List.of(
              """
              kind: ReferenceGrant
              metadata: { name: all, namespace: other }
              spec:
                from: [ { group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: shop } ]
                to: [ { group: "", kind: Service } ]
              """),
          List.of(
              route("one", "a.example", "{ name: a, port: 80 }"),
              route("one", "b.example", "{ name: a, port: 80 }, { name: b, port: 80 }")),
          List.of(
              route("two", "a.example", "{ name: c, namespace: other, port: 80 }"),
              route("two", "c.example", "{ name: b, port: 81 }")),
          List.of(policy("HTTPRoute", "one"), policy("HTTPRoute", "two")),
          List.of(
              """
              kind: BackendTLSPolicy
              metadata: { name: c, namespace: other }
              spec:
                targetRefs: [ { group: "", kind: Service, name: c } ]
                validation: { hostname: c.test, wellKnownCACertificates: System }
              """));

  private static List<String> gateway(String scope) {
    return Stream.of("", ", hostname: '*.example'")
        .map(
            host ->
                """
                kind: Gateway
                metadata: { name: web, namespace: infra }
                spec:
                  gatewayClassName: ours
                  listeners: [ { name: http, port: 80, protocol: HTTP%s, allowedRoutes: { namespaces: { %s } } } ]
                """
                    .formatted(host, scope))
        .toList();
  }

  private static String service(String name, String port) {
    return "{ kind: Service, metadata: { name: %s, namespace: shop }, spec: { ports: [ %s ] } }"
        .formatted(name, port);
  }

  private static String route(String name, String host, String backends) {
    return """
    kind: HTTPRoute
    metadata: { name: %s, namespace: shop }
    spec:
      parentRefs: [ { name: web, namespace: infra } ]
      hostnames: [ %s ]
      rules: [ { backendRefs: [ %s ] } ]
    """
        .formatted(name, host, backends);
  }

  private static String policy(String kind, String name) {
    return """
    kind: FailoverPolicy
    metadata: { name: one, namespace: shop }
    spec:
      targetRefs: [ { group: gateway.networking.k8s.io, kind: %s, name: %s } ]
      servers:
        - { backendRef: { name: a, port: 80 }, role: master }
        - { backendRef: { name: b, port: 80 }, role: backup }
    """
        .formatted(kind, name);
  }

  private static ClusterTranslator translator() {
    return new ClusterTranslator(
        PlannedCluster.settings(null, Map.of(80, 10080)), new PoolReader(RouteChecker.NONE));
  }

  private static ClusterObjects objects(List<String> yaml) {
    List<ClusterObject> read = new ArrayList<>();
    yaml.forEach(
        each ->
            Manifests.parse(each)
                .forEach(
                    document ->
                        read.add(
                            ObjectReader.read(
                                Stream.of(ObjectKind.values())
                                    .filter(
                                        kind ->
                                            kind.kind().equals(document.path("kind").asString()))
                                    .findFirst()
                                    .orElseThrow(),
                                document))));
    return ClusterObjects.of(read);
  }

  private static List<String> all(int[] forms) {
    List<String> yaml =
        new ArrayList<>(
            List.of(
                "{ kind: GatewayClass, metadata: { name: ours }, spec: { controllerName:"
                    + " understudy.dev/gateway } }"));
    for (int i = 0; i < forms.length; i++) {
      if (forms[i] > 0) {
        yaml.add(FORMS.get(i).get(forms[i] - 1));
      }
    }
    return yaml;
  }

  @Test
  void any_change_comes_to_the_same_as_from_nothing() {
    ClusterTranslator known = translator();
    Random random = new Random(1);
    int[] forms = new int[FORMS.size()];
    for (int round = 0; round < ROUNDS; round++) {
      int changed = random.nextInt(forms.length);
      forms[changed] = random.nextInt(FORMS.get(changed).size() + 1);
      forms[A] = Math.max(1, forms[A]);
      forms[B] = Math.max(1, forms[B]);
      List<String> yaml = all(forms);

      Translation now = known.translate(objects(yaml));
      Translation fresh = translator().translate(objects(yaml));
      assertThat(now.routes()).as("round %s: %s", round, yaml).isEqualTo(fresh.routes());
      assertThat(now.pools()).as("round %s: %s", round, yaml).isEqualTo(fresh.pools());
      assertThat(now.listeners()).as("round %s: %s", round, yaml).isEqualTo(fresh.listeners());
      assertThat(now.reports()).as("round %s: %s", round, yaml).isEqualTo(fresh.reports());
    }
  }

  @Test
  void routes_that_stay_are_the_same_objects() {
    ClusterTranslator known = translator();
    List<String> yaml = new ArrayList<>(List.of(FORMS.get(0).get(0), FORMS.get(3).get(0)));
    yaml.addAll(List.of(FORMS.get(7).get(0), FORMS.get(8).get(1)));
    yaml.addAll(all(new int[0]));
    List<RouteSpec> before = known.translate(objects(yaml)).routes();
    yaml.set(3, FORMS.get(8).get(0));
    List<RouteSpec> after = known.translate(objects(yaml)).routes();

    Set<RouteSpec> same = Collections.newSetFromMap(new IdentityHashMap<>());
    same.addAll(before);
    same.retainAll(after);
    assertThat(same).hasSize(2);
  }
}
