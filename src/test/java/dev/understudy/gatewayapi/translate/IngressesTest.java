package dev.understudy.gatewayapi.translate;

import static dev.understudy.gatewayapi.translate.PlannedCluster.secret;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.gatewayapi.object.ObjectKind;
import dev.understudy.testing.Rows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Ingresses: where requests go, which are ours, and what their reports say. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class IngressesTest {
  private static final String COMMON =
      services("a", "b", "c", "d", "e")
          + """
          ---
          kind: Service
          metadata: { name: understudy, namespace: infra }
          spec: { clusterIP: 10.0.0.1 }
          status: { loadBalancer: { ingress: [{ ip: 192.0.2.1 }] } }
          """;

  private ClusterRig rig;

  private static String services(String... names) {
    return Arrays.stream(names)
        .map(
            """
            ---
            kind: Service
            metadata: { name: %s }
            spec: { ports: [ { name: web, port: 80 }, { name: api, port: 81 } ] }
            """
                ::formatted)
        .collect(Collectors.joining());
  }

  /**
   * An Ingress.
   *
   * @param metadata its name, and more
   * @param spec without rules
   * @param rules {@code HOST PATH-TYPE PATH SERVICE}, separated by semicolons; {@code -} for all
   *     hosts
   */
  private static String ingress(String metadata, String spec, String rules) {
    return """
    ---
    kind: Ingress
    metadata: { name: %s }
    spec: { %s, rules: [ %s ] }
    """
        .formatted(
            metadata,
            spec,
            Arrays.stream(rules.split(" *; *"))
                .filter(each -> !each.isEmpty())
                .map(each -> rule(each.split(" ")))
                .collect(Collectors.joining(", ")));
  }

  private static String rule(String[] words) {
    return "{ %s http: { paths: [ { pathType: %s, path: %s, backend: %s } ] } }"
        .formatted(
            words[0].equals("-") ? "" : "host: \"" + words[0] + "\",",
            words[1],
            words[2],
            to(words[3]));
  }

  private static String to(String service) {
    String[] parts = service.split(":");
    String port = parts.length == 1 ? "number: 80" : "name: " + parts[1];
    return "{ service: { name: %s, port: { %s } } }".formatted(parts[0], port);
  }

  private static final String OURS = "ingressClassName: understudy";

  @BeforeAll
  void listen() {
    TranslatedCluster cluster =
        new TranslatedCluster(
            COMMON,
            ingress(
                "one",
                OURS,
                "one.test Exact /exact a; One.Test Prefix /pre b; one.test Prefix /pre/long c;"
                    + " one.test Exact /pre/long d; one.test Prefix /slash/ a;"
                    + " one.test ImplementationSpecific /impl b; one.test Exact /named a:api"),
            ingress(
                "two",
                OURS,
                "*.two.test Prefix / c; own.two.test Prefix / d; x.own.two.test Exact /x d"),
            ingress(
                "rest",
                OURS + ", defaultBackend: " + to("e"),
                "- Prefix /all a; three.test Exact /three b; four.test Prefix /a b"),
            ingress(
                "secure",
                OURS + ", tls: [ { hosts: [ five.test, \"*.seven.test\" ], secretName: cert } ]",
                "five.test Prefix / a; six.test Prefix / b; a.seven.test Prefix / c"),
            ingress(
                "secure, namespace: other",
                OURS + ", tls: [ { hosts: [ \"*.seven.test\" ], secretName: cert } ]",
                "b.seven.test Prefix / d"),
            secret("cert", new String[] {"five.test", "*.seven.test"}),
            secret("cert, namespace: other", "*.seven.test"),
            "{ kind: Service, metadata: { name: d, namespace: other }, spec: { ports: [ { port: 80"
                + " } ] } }");
    assertThat(cluster.refusals()).isEmpty();
    rig = new ClusterRig(cluster.translation);
  }

  @AfterAll
  void close() {
    rig.close();
  }

  @Rows(
      """
      # an exact path is that path
      80 | GET one.test /exact         | pool gw-svc.shop.a.p80
      80 | GET one.test /exact/        | 404
      # a prefix is its path, and what is below
      80 | GET one.test /pre           | pool gw-svc.shop.b.p80
      80 | GET one.test /pre/x         | pool gw-svc.shop.b.p80
      80 | GET one.test /prefix        | 404
      80 | GET one.test /slash         | pool gw-svc.shop.a.p80
      # a longer prefix comes first, and an exact path before it
      80 | GET one.test /pre/long/x    | pool gw-svc.shop.c.p80
      80 | GET one.test /pre/long      | pool gw-svc.shop.d.p80
      # what the implementation decides is a prefix
      80 | GET one.test /impl/x        | pool gw-svc.shop.b.p80
      # a port may have a name
      80 | GET one.test /named         | pool gw-svc.shop.a.p81
      # a host is compared without regard to case
      80 | GET ONE.test /pre           | pool gw-svc.shop.b.p80
      # a wildcard is one label
      80 | GET x.two.test /            | pool gw-svc.shop.c.p80
      80 | GET x.y.two.test /          | 404
      80 | GET two.test /              | pool gw-svc.shop.e.p80
      # a host comes before a wildcard
      80 | GET own.two.test /          | pool gw-svc.shop.d.p80
      # and has nothing of a wildcard that is more than one label above it
      80 | GET x.own.two.test /x       | pool gw-svc.shop.d.p80
      80 | GET x.own.two.test /        | 404
      # a rule without a host is for all hosts that no other Ingress has
      80 | GET other.test /all         | pool gw-svc.shop.a.p80
      80 | GET three.test /all         | pool gw-svc.shop.a.p80
      80 | GET one.test /all           | 404
      # the default backend likewise, after all rules
      80 | GET other.test /x           | pool gw-svc.shop.e.p80
      80 | GET three.test /x           | pool gw-svc.shop.e.p80
      80 | GET three.test /three       | pool gw-svc.shop.b.p80
      80 | GET one.test /x             | 404
      # the hosts of a certificate are served in TLS too, and no others
      443 | GET five.test /            | pool gw-svc.shop.a.p80
      80  | GET five.test /            | pool gw-svc.shop.a.p80
      443 | GET six.test /             | 404
      # a certificate for a wildcard is for the hosts of the own rules, in each namespace
      443 | GET a.seven.test /         | pool gw-svc.shop.c.p80
      443 | GET b.seven.test /         | pool gw-svc.other.d.p80
      443 | GET c.seven.test /         | 404
      443 | GET one.test /pre          | 404
      80  | GET six.test /             | pool gw-svc.shop.b.p80
      """)
  void requests_go_where_ingresses_say(int port, String request, String parts) {
    rig.expect(port, request, parts);
  }

  @Rows(
      """
      # the class understudy is ours
      ingressClassName: understudy | | 192.0.2.1
      # unless it is another controller's
      ingressClassName: understudy | { name: understudy } other.example/x | none
      # so is one with our controller
      ingressClassName: mine | { name: mine } understudy.dev/gateway | 192.0.2.1
      ingressClassName: mine | { name: mine } other.example/x | none
      ingressClassName: mine | | none
      # and the default one for Ingresses without a class
      a: b | { name: mine, annotations: { ingressclass.kubernetes.io/is-default-class: "true" } } understudy.dev/gateway | 192.0.2.1
      a: b | { name: mine, annotations: { ingressclass.kubernetes.io/is-default-class: "true" } } other.example/x | none
      a: b | { name: mine } understudy.dev/gateway | none
      """)
  void classes_say_which_ingresses_are_ours(String spec, String ofClass, String address) {
    String[] words = ofClass == null ? new String[0] : ofClass.split(" (?=[^ ]+$)");
    TranslatedCluster cluster =
        new TranslatedCluster(
            COMMON,
            ofClass == null
                ? ""
                : "{ kind: IngressClass, metadata: %s, spec: { controller: %s } }"
                    .formatted(words[0], words[1]),
            ingress("app", spec, "a.test Prefix / a"));
    assertThat(addresses(cluster, "shop", "app")).isEqualTo(address);
  }

  private static String addresses(TranslatedCluster cluster, String namespace, String name) {
    return cluster.report(ObjectKind.INGRESS, namespace, name) instanceof Report.OfIngress of
            && !of.addresses().isEmpty()
        ? of.addresses().getFirst().value()
        : "none";
  }

  @Test
  void an_older_annotation_keeps_an_ingress_from_the_default_class() {
    TranslatedCluster cluster =
        new TranslatedCluster(
            COMMON,
            """
            kind: IngressClass
            metadata: { name: x, annotations: { ingressclass.kubernetes.io/is-default-class: "true" } }
            spec: { controller: understudy.dev/gateway }
            """,
            ingress(
                "app, annotations: { kubernetes.io/ingress.class: nginx }",
                "a: b",
                "a.test Prefix / a"));
    assertThat(addresses(cluster, "shop", "app")).isEqualTo("none");
  }

  @Rows(
      """
      # a Service or a port that does not exist
      - Prefix / x | | 192.0.2.1 | ResolvedRefs False BackendNotFound: *: paths[0]: Service shop/x is not there
      a.test Prefix /ok a; a.test Prefix / a:x | | 192.0.2.1 | ResolvedRefs False BackendNotFound: a.test: paths[1]: the reference to Service shop/a names no port of it
      # a backend that is no Service
      a.test Prefix / a | defaultBackend: { resource: { apiGroup: x.example, kind: Bucket, name: y } } | 192.0.2.1 | ResolvedRefs False InvalidKind: *: paths[0]: Bucket shop/y is of a kind that is no backend; expected a Service
      # a certificate that cannot be used leaves the host in the clear
      a.test Prefix / a | tls: [ { hosts: [ a.test ], secretName: none } ] | 192.0.2.1 | ResolvedRefs False InvalidCertificateRef: a.test:443: The Secret shop/none does not exist.
      # nor one of another namespace
      a.test Prefix / a | tls: [ { hosts: [ a.test ], secretName: far } ] | 192.0.2.1 | ResolvedRefs False InvalidCertificateRef: a.test:443: The Secret shop/far does not exist.
      # without hosts it is for all of the rules
      a.test Prefix / a; - Prefix / b | tls: [ { secretName: cert } ] | 192.0.2.1 |
      # a host of an older object of another namespace
      taken.test Prefix / a | | none | Accepted False HostnameConflict: taken.test:80: Port 80 has this hostname in the older Gateway other/ingress:older of another namespace.
      """)
  void what_is_wrong_is_said(String rules, String spec, String address, String problem) {
    TranslatedCluster cluster =
        new TranslatedCluster(
            COMMON,
            secret("cert", "a.test"),
            secret("far, namespace: other", "a.test"),
            ingress("older, namespace: other", OURS, "taken.test Prefix / x"),
            ingress(
                "app, creationTimestamp: \"2026-01-01T00:00:00Z\"",
                spec == null ? OURS : OURS + ", " + spec,
                rules));
    assertThat(addresses(cluster, "shop", "app")).isEqualTo(address);
    Report.OfIngress report = (Report.OfIngress) cluster.report(ObjectKind.INGRESS, "shop", "app");
    assertThat(report.problems().stream().map(TestCluster::text).collect(Collectors.joining("; ")))
        .isEqualTo(problem == null ? "" : problem);
    assertThat(cluster.reported()).containsOnly("Ingress");
  }

  @Test
  void without_a_host_it_takes_nothing_from_a_younger_gateway() {
    TranslatedCluster cluster =
        new TranslatedCluster(
            COMMON,
            ingress("app", OURS, "- Prefix / a"),
            """
            { kind: GatewayClass, metadata: { name: ours }, spec: { controllerName: understudy.dev/gateway } }
            ---
            kind: Gateway
            metadata: { name: web, namespace: infra, creationTimestamp: "2026-01-01T00:00:00Z" }
            spec:
              gatewayClassName: ours
              listeners: [ { name: http, port: 80, protocol: HTTP, hostname: "*.shop.test" } ]
            """);
    assertThat(cluster.refusals()).isEmpty();
  }

  @Test
  void the_class_of_ingresses_is_no_class_of_gateways() {
    TranslatedCluster cluster =
        new TranslatedCluster(
            COMMON,
            ingress("app", OURS, "a.test Prefix / a"),
            """
            kind: Gateway
            metadata: { name: web }
            spec:
              gatewayClassName: "ingress:"
              listeners: [ { name: http, port: 80, protocol: HTTP } ]
            """);
    assertThat(cluster.reported()).containsOnly("Ingress");
  }

  @Test
  void a_namespace_has_so_many_hosts() {
    List<String> all = new ArrayList<>(List.of(COMMON));
    for (int i = 0; i < 6; i++) {
      int ingress = i;
      all.add(
          ingress(
              "i" + i,
              OURS,
              IntStream.range(0, 200)
                  .mapToObj(host -> "h%d.i%d.test Prefix / a".formatted(host, ingress))
                  .collect(Collectors.joining("; "))));
    }
    all.add(
        "{ kind: Service, metadata: { name: a, namespace: other }, spec: { ports: [ { port: 80 } ]"
            + " } }");
    all.add(ingress("x, namespace: other", OURS, "other.test Prefix / a"));
    TranslatedCluster cluster = new TranslatedCluster(all.toArray(String[]::new));
    Report.OfIngress last = (Report.OfIngress) cluster.report(ObjectKind.INGRESS, "shop", "i5");
    assertThat(TestCluster.text(last.problems().getFirst()))
        .isEqualTo(
            "Accepted False TooManyHosts: It needs more hosts than older Ingresses leave: at most"
                + " 1000 in a namespace and 4000 in all.");
    assertThat(addresses(cluster, "shop", "i4")).isEqualTo("192.0.2.1");
    assertThat(addresses(cluster, "other", "x")).isEqualTo("192.0.2.1");
  }

  @Test
  void names_tell_hosts_apart() {
    TranslatedCluster cluster =
        new TranslatedCluster(
            COMMON,
            ingress("x", OURS, "a-b.test Prefix / a; a.b.test Prefix / a; *.b.test Prefix / a"));
    assertThat(cluster.translation.routes().stream().map(each -> each.id()).toList())
        .contains(
            "gw-ingress.shop.x.r0-0-1-a--b-test",
            "gw-ingress.shop.x.r0-0-1-a-b-test",
            "gw-ingress.shop.x.r0-0-1-any---b-test");
  }

  @Test
  void a_policy_of_the_service_gives_the_role() {
    TranslatedCluster cluster =
        new TranslatedCluster(
            COMMON,
            ingress("app", OURS, "a.test Prefix / a"),
            """
            kind: FailoverPolicy
            metadata: { name: role }
            spec:
              targetRefs: [ { group: "", kind: Service, name: a } ]
              servers:
                - { backendRef: { name: b, port: 80 }, role: master }
                - { backendRef: { name: c, port: 80 }, role: backup }
            """);
    assertThat(cluster.refusals()).isEmpty();
    assertThat(cluster.pools()).containsExactly("gw.shop.role");
  }
}
