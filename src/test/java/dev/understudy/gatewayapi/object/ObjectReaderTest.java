package dev.understudy.gatewayapi.object;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.deploy.Manifests;
import dev.understudy.testing.Rows;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The defaults of the specification, and objects that do not keep to it. */
class ObjectReaderTest {
  /** An object whose metadata have a name, and a namespace if its kind has. */
  private static <T extends ClusterObject> T read(Class<T> type, ObjectKind kind, String body) {
    String namespace = kind.isClusterScoped() ? "" : ", namespace: shop";
    String yaml = "{ metadata: { name: x" + namespace + " }, " + body + " }";
    return type.cast(ObjectReader.read(kind, Manifests.parse(yaml).getFirst()));
  }

  private static ListenerEntry listener(String fields) {
    return read(
            Gateway.class,
            ObjectKind.GATEWAY,
            "spec: { listeners: [{ name: a, port: 80, protocol: HTTP" + fields + " }] }")
        .listeners()
        .getFirst();
  }

  private static Rule rule(ObjectKind kind, String rule) {
    return read(Route.class, kind, "spec: { rules: [" + rule + "] }").rules().getFirst();
  }

  @Test
  void metadata_are_read() {
    ClusterObject read =
        ObjectReader.read(
            ObjectKind.NAMESPACE,
            Manifests.parse(
                    """
                    metadata:
                      name: shop
                      uid: u1
                      resourceVersion: "7"
                      generation: 3
                      creationTimestamp: "2026-01-02T03:04:05Z"
                      labels: { team: a }
                    status: { phase: Active }
                    """)
                .getFirst());
    Meta meta = read.meta();
    assertThat(meta.key()).isEqualTo(new ObjectKey("", "shop")).hasToString("shop");
    assertThat(meta.uid()).isEqualTo("u1");
    assertThat(meta.revision()).isEqualTo("7");
    assertThat(meta.generation()).isEqualTo(3);
    assertThat(meta.created()).isEqualTo(Instant.parse("2026-01-02T03:04:05Z"));
    assertThat(meta.labels()).isEqualTo(Map.of("team", "a"));
    assertThat(meta.status().path("phase").asString()).isEqualTo("Active");
  }

  @Test
  void metadata_that_are_left_out_have_defaults() {
    Meta meta = read(Namespace.class, ObjectKind.NAMESPACE, "").meta();
    assertThat(meta.created()).isEqualTo(Instant.EPOCH);
    assertThat(meta.generation()).isZero();
    assertThat(meta.labels()).isEmpty();
    assertThat(meta.status().isObject()).isTrue();
  }

  @Test
  void a_gateway_without_more_than_it_needs_has_defaults() {
    Gateway gateway =
        read(
            Gateway.class,
            ObjectKind.GATEWAY,
            "spec: { gatewayClassName: ours, addresses: [{ value: 192.0.2.1 }, {}] }");
    assertThat(gateway.listeners()).isEmpty();
    assertThat(gateway.addresses())
        .containsExactly(
            new Gateway.Address("IPAddress", "192.0.2.1"), new Gateway.Address("IPAddress", ""));
    assertThat(gateway.allowedListeners()).isEqualTo(NamespaceScope.NONE);
    assertThat(gateway.hasParameters()).isFalse();
    assertThat(gateway.verifiesClients()).isFalse();
    assertThat(gateway.hasCertificate()).isFalse();
  }

  @Test
  void what_a_gateway_asks_for_beside_its_listeners_is_seen() {
    Gateway gateway =
        read(
            Gateway.class,
            ObjectKind.GATEWAY,
            """
            spec: {
              infrastructure: { parametersRef: { name: a } },
              tls: { frontend: { default: {} }, backend: { clientCertificateRef: { name: b } } },
              allowedListeners: { namespaces: { from: All } } }
            """);
    assertThat(gateway.hasParameters()).isTrue();
    assertThat(gateway.verifiesClients()).isTrue();
    assertThat(gateway.hasCertificate()).isTrue();
    assertThat(gateway.allowedListeners()).isEqualTo(NamespaceScope.of(NamespaceScope.From.ALL));
  }

  @Test
  void a_listener_without_more_than_it_needs_has_defaults() {
    ListenerEntry listener = listener("");
    assertThat(listener.hostname()).isNull();
    assertThat(listener.tls()).isNull();
    assertThat(listener.kinds()).isNull();
    assertThat(listener.namespaces()).isEqualTo(NamespaceScope.SAME);
  }

  @Test
  void a_listeners_references_and_kinds_have_defaults() {
    ListenerEntry listener =
        listener(
            """
            , hostname: "*.Shop.Test", tls: { certificateRefs: [{ name: a }, { name: b, namespace: c, kind: D, group: e }] },
            allowedRoutes: { kinds: [{ kind: HTTPRoute }, { kind: X, group: "" }] }
            """);
    assertThat(listener.hostname()).isEqualTo("*.shop.test");
    assertThat(listener.tls().passthrough()).isFalse();
    assertThat(listener.tls().certificates())
        .containsExactly(
            new Reference("", "Secret", "shop", "a", null),
            new Reference("e", "D", "c", "b", null));
    assertThat(listener.kinds())
        .containsExactly(
            new ListenerEntry.GroupKind("gateway.networking.k8s.io", "HTTPRoute"),
            new ListenerEntry.GroupKind("", "X"));
    assertThat(listener(", allowedRoutes: { kinds: [] }").kinds()).isNull();
  }

  @Rows(
      """
      # by default those of the own namespace
      x: y                                             | shop  | true
      x: y                                             | other | false
      from: Same                                       | other | false
      from: All                                        | other | true
      # an unknown value has none
      from: Everywhere                                 | shop  | false
      # a selector needs all of its labels and expressions
      from: Selector                                   | other | true
      from: Selector, selector: { matchLabels: { team: a } }         | other | true
      from: Selector, selector: { matchLabels: { team: b } }         | other | false
      from: Selector, selector: { matchLabels: { team: a, x: y } }   | other | false
      from: Selector, selector: { matchLabels: { team: a } }         | third | false
      from: Selector, selector: { matchExpressions: [{ key: team, operator: In, values: [b, a] }] }    | other | true
      from: Selector, selector: { matchExpressions: [{ key: team, operator: NotIn, values: [a] }] }    | other | false
      from: Selector, selector: { matchExpressions: [{ key: x, operator: NotIn, values: [a] }] }       | other | true
      from: Selector, selector: { matchExpressions: [{ key: team, operator: Exists }] }                | other | true
      from: Selector, selector: { matchExpressions: [{ key: team, operator: Exists }] }                | third | false
      from: Selector, selector: { matchExpressions: [{ key: team, operator: DoesNotExist }] }          | third | true
      from: Selector, selector: { matchExpressions: [{ key: team, operator: Exists }, { key: x, operator: Exists }] } | other | false
      """)
  void namespaces_are_in_the_scope(String scope, String namespace, boolean contained) {
    NamespaceScope read =
        listener(", allowedRoutes: { namespaces: { " + scope + " } }").namespaces();
    Map<String, String> labels = namespace.equals("other") ? Map.of("team", "a") : Map.of();
    assertThat(read.contains("shop", namespace, labels)).isEqualTo(contained);
  }

  @Test
  void a_listener_set_names_a_gateway_of_its_namespace_by_default() {
    ListenerSet set =
        read(ListenerSet.class, ObjectKind.LISTENER_SET, "spec: { parentRef: { name: web } }");
    assertThat(set.parent())
        .isEqualTo(new Reference("gateway.networking.k8s.io", "Gateway", "shop", "web", null));
  }

  @Test
  void a_route_names_a_gateway_of_its_namespace_by_default() {
    Route route =
        read(
            Route.class,
            ObjectKind.HTTP_ROUTE,
            """
            spec: {
              hostnames: [A.Test],
              parentRefs: [{ name: web }, { name: extra, kind: ListenerSet, namespace: other, sectionName: a, port: 80 }] }
            """);
    assertThat(route.hostnames()).containsExactly("a.test");
    assertThat(route.parents())
        .containsExactly(
            new ParentRef(
                new Reference("gateway.networking.k8s.io", "Gateway", "shop", "web", null),
                null,
                null,
                false),
            new ParentRef(
                new Reference("gateway.networking.k8s.io", "ListenerSet", "other", "extra", null),
                "a",
                80,
                true));
  }

  @Test
  void a_rule_without_matches_has_every_request() {
    Rule rule = rule(ObjectKind.HTTP_ROUTE, "{ backendRefs: [{ name: a }] }");
    assertThat(rule.matches()).containsExactly(Match.ANY);
    assertThat(rule.backends())
        .containsExactly(
            new Rule.BackendRef(new Reference("", "Service", "shop", "a", null), 1, List.of()));
    assertThat(rule.name()).isNull();
    assertThat(rule.requestTimeout()).isNull();
  }

  @Rows(
      """
      # a path is a prefix by default
      { }                                                  | PREFIX / | false
      { path: { value: /a } }                              | PREFIX /a | false
      { path: { type: Exact, value: /a } }                 | EXACT /a | false
      { path: { type: RegularExpression, value: /a.* } }   | REGEX /a.* | false
      # fields are compared exactly by default
      { headers: [{ name: a, value: b }] }                 | PREFIX / | false
      { headers: [{ name: a, type: RegularExpression, value: b }] } | PREFIX / | true
      """)
  void a_match_has_defaults(String match, String path, boolean regex) {
    Match read = rule(ObjectKind.HTTP_ROUTE, "{ matches: [" + match + "] }").matches().getFirst();
    assertThat(read.path().type() + " " + read.path().value()).isEqualTo(path);
    assertThat(read.headers().stream().anyMatch(Match.FieldMatch::regex)).isEqualTo(regex);
  }

  @Rows(
      """
      # a method of gRPC is a path
      { method: { service: a.B, method: C } }              | EXACT /a.B/C
      { method: { service: a.B } }                         | PREFIX /a.B
      { method: { method: C } }                            | REGEX ^/[^/]+/\\QC\\E$
      { method: { type: RegularExpression, service: "a.*", method: C } } | REGEX ^/(?:a.*)/(?:C)$
      { }                                                  | PREFIX /
      """)
  void a_match_of_grpc_is_one_of_the_path(String match, String path) {
    Match read = rule(ObjectKind.GRPC_ROUTE, "{ matches: [" + match + "] }").matches().getFirst();
    assertThat(read.path().type() + " " + read.path().value()).isEqualTo(path);
  }

  @Test
  void a_service_has_its_tcp_ports_and_its_address() {
    Service service =
        read(
            Service.class,
            ObjectKind.SERVICE,
            """
            spec: { clusterIP: 10.0.0.1, ports: [
              { port: 80 }, { name: dns, port: 53, protocol: UDP },
              { name: h2, port: 81, protocol: TCP, appProtocol: kubernetes.io/h2c }] }
            """);
    assertThat(service.ports())
        .containsExactly(
            new Service.Port("", 80, null), new Service.Port("h2", 81, "kubernetes.io/h2c"));
    assertThat(service.port(53)).isNull();
    assertThat(service.external()).isFalse();
    assertThat(service.addresses()).containsExactly("10.0.0.1");
  }

  @Rows(
      """
      # the addresses of a load balancer come before the cluster's
      spec: { clusterIP: 10.0.0.1 }, status: { loadBalancer: { ingress: [{ ip: 192.0.2.1 }, { hostname: lb.test }] } } | 192.0.2.1 lb.test
      spec: { clusterIP: 10.0.0.1 }, status: { loadBalancer: {} } | 10.0.0.1
      # a headless Service has none
      spec: { clusterIP: None } | ``
      spec: { type: ExternalName, externalName: a.test } | ``
      """)
  void the_addresses_of_a_service(String body, String addresses) {
    Service service = read(Service.class, ObjectKind.SERVICE, body);
    assertThat(String.join(" ", service.addresses())).isEqualTo(addresses);
    assertThat(service.external()).isEqualTo(body.contains("ExternalName"));
  }

  @Test
  void a_secret_is_decoded_and_kept_out_of_texts() {
    Secret secret = read(Secret.class, ObjectKind.SECRET, "data: { tls.key: aGlkZGVu }");
    assertThat(secret.data()).isEqualTo(Map.of("tls.key", "hidden"));
    assertThat(secret).hasToString("Secret[shop/x, [tls.key]]");
  }

  @Rows(
      """
      # a grant without a name is for all objects of the kind
      { group: gateway.networking.k8s.io, kind: Gateway, namespace: web } | { group: "", kind: Secret } | true
      { group: gateway.networking.k8s.io, kind: Gateway, namespace: web } | { kind: Secret, name: a }   | true
      { group: gateway.networking.k8s.io, kind: Gateway, namespace: web } | { kind: Secret, name: b }   | false
      { group: gateway.networking.k8s.io, kind: Gateway, namespace: web } | { kind: Service }           | false
      { group: gateway.networking.k8s.io, kind: Gateway, namespace: web } | { group: x, kind: Secret }  | false
      { group: gateway.networking.k8s.io, kind: Gateway, namespace: x }   | { kind: Secret }            | false
      { group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: web } | { kind: Secret }          | false
      { group: x, kind: Gateway, namespace: web }                         | { kind: Secret }            | false
      """)
  void a_grant_permits_what_it_says(String from, String to, boolean permitted) {
    ReferenceGrant grant =
        read(
            ReferenceGrant.class,
            ObjectKind.REFERENCE_GRANT,
            "spec: { from: [" + from + "], to: [" + to + "] }");
    ClusterObjects objects = ClusterObjects.of(List.of(grant));
    Reference target = new Reference("", "Secret", "shop", "a", null);
    assertThat(objects.mayRefer(ObjectKind.GATEWAY, "web", target)).isEqualTo(permitted);
    assertThat(objects.mayRefer(ObjectKind.GATEWAY, "shop", target)).isTrue();
    Reference elsewhere = new Reference("", "Secret", "bank", "a", null);
    assertThat(objects.mayRefer(ObjectKind.GATEWAY, "web", elsewhere)).isFalse();
  }

  @Rows(
      """
      # an object has a name
      GATEWAY        | { }                                                     | no name
      GATEWAY        | { metadata: { namespace: shop } }                       | no name
      GATEWAY        | [1]                                                     | no name
      # a time is a time
      GATEWAY        | { metadata: { name: x, creationTimestamp: yesterday } } | a creationTimestamp that is no time
      # what the kind requires is there
      GATEWAY        | { metadata: { name: x }, spec: { listeners: [{ port: 80 }] } } | no name
      GATEWAY        | { metadata: { name: x }, spec: { listeners: [{ name: a, tls: { certificateRefs: [{}] } }] } } | no name
      LISTENER_SET   | { metadata: { name: x }, spec: { } }                    | no name
      HTTP_ROUTE     | { metadata: { name: x }, spec: { parentRefs: [{ kind: Gateway }] } } | no name
      HTTP_ROUTE     | { metadata: { name: x }, spec: { rules: [{ filters: [{}] }] } } | no type
      # a list is a list
      GATEWAY        | { metadata: { name: x }, spec: { listeners: 7 } }       | something else where a list is expected
      GATEWAY        | { metadata: { name: x }, spec: { listeners: { a: b } } } | something else where a list is expected
      # an operator is known
      GATEWAY        | { metadata: { name: x }, spec: { listeners: [{ name: a, allowedRoutes: { namespaces: { selector: { matchExpressions: [{ key: a, operator: Gt }] } } } }] } } | an operator of a selector that is not known
      """)
  void an_object_that_lacks_what_its_kind_requires_is_refused(
      ObjectKind kind, String object, String message) {
    assertThatThrownBy(() -> ObjectReader.read(kind, Manifests.parse(object).getFirst()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Rows(
      """
      { metadata: { name: x, labels: [1] }, spec: [1] }
      { metadata: { name: x }, spec: { listeners: null } }
      { metadata: { name: x }, spec: 7 }
      { metadata: { name: x } }
      """)
  void what_should_be_an_object_and_is_none_has_no_fields(String object) {
    Gateway gateway =
        (Gateway) ObjectReader.read(ObjectKind.GATEWAY, Manifests.parse(object).getFirst());
    assertThat(gateway.listeners()).isEmpty();
    assertThat(gateway.addresses()).isEmpty();
    assertThat(gateway.meta().labels()).isEmpty();
  }

  @Test
  void a_port_that_is_no_number_is_none() {
    assertThat(listener(", x: y").port()).isEqualTo(80);
    Gateway gateway =
        read(Gateway.class, ObjectKind.GATEWAY, "spec: { listeners: [{ name: a, port: http }] }");
    assertThat(gateway.listeners().getFirst().port()).isZero();
  }

  @Test
  void lists_are_bounded() {
    String listeners = "{ name: a }, ".repeat(257);
    assertThatThrownBy(
            () ->
                read(Gateway.class, ObjectKind.GATEWAY, "spec: { listeners: [" + listeners + "] }"))
        .hasMessage("a list of more than 256 elements");
  }

  @Test
  void each_kind_is_read_from_an_object_that_has_only_what_it_must_have() {
    String spec = "spec: { parentRef: { name: a } }";
    assertThat(
            Stream.of(ObjectKind.values())
                .filter(kind -> kind != ObjectKind.INGRESS)
                .map(kind -> read(ClusterObject.class, kind, spec).kind()))
        .hasSize(ObjectKind.values().length - 1)
        .doesNotHaveDuplicates();
  }

  @Test
  void the_older_object_comes_first_and_then_the_one_whose_name_does() {
    List<ClusterObject> read =
        Stream.of(
                "{ metadata: { name: c, namespace: a, creationTimestamp: \"2026-01-01T00:00:00Z\" }"
                    + " }",
                "{ metadata: { name: b, namespace: b, creationTimestamp: \"2026-01-01T00:00:00Z\" }"
                    + " }",
                "{ metadata: { name: z, namespace: z, creationTimestamp: \"2025-01-01T00:00:00Z\" }"
                    + " }")
            .map(yaml -> ObjectReader.read(ObjectKind.CONFIG_MAP, Manifests.parse(yaml).getFirst()))
            .toList();
    assertThat(
            ClusterObjects.of(read).all(ObjectKind.CONFIG_MAP, ConfigMap.class).stream()
                .map(each -> each.key().toString()))
        .containsExactly("z/z", "a/c", "b/b");
  }
}
