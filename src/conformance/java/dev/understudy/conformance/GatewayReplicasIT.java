package dev.understudy.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.deploy.Manifests;
import dev.understudy.gatewayapi.object.ObjectKind;
import dev.understudy.scenario.AgreeingReplicas;
import dev.understudy.scenario.HttpConnection;
import dev.understudy.scenario.HttpConnection.Answer;
import dev.understudy.scenario.KubernetesApi;
import dev.understudy.scenario.Ports;
import dev.understudy.testing.Await;
import dev.understudy.testing.Trusting;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.math.BigInteger;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Three replicas follow objects of the Gateway API at a real API server, with the rights that the
 * manifests give. The definitions of the objects have no schema: those of the standard are not
 * ours. Routes redirect, since an API server takes no server on loopback.
 */
class GatewayReplicasIT {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final String GATEWAY_GROUP = "gateway.networking.k8s.io";
  private static final String OURS = "understudy.dev/gateway";
  private static final String ROLES = "/apis/rbac.authorization.k8s.io/v1/clusterroles";

  /** Half of them are there when the leading replica is killed. */
  private static final int MANY = 80;

  /** Three ports of HTTP, and as many of HTTPS. */
  private static final List<Integer> PORTS = new ArrayList<>();

  /** The replicas that live, by their numbers. */
  private static final List<Integer> LIVING = new ArrayList<>(List.of(0, 1, 2));

  private static AgreeingReplicas replicas;
  private static KubernetesApi api;

  private static final class Site implements AgreeingReplicas.Site {
    @Override
    public String file(int number) {
      return "routes: [ { id: file, uri: \"no://op\", predicates: [\"Path=/**\"], filters:"
          + " [\"Respond=200, file\"] } ]\n";
    }

    @Override
    public List<String> settings(int number) {
      return List.of(
          "--understudy.gateway-api.enabled=true",
          "--understudy.gateway-api.ports.80=" + PORTS.get(number),
          "--understudy.gateway-api.ports.443=" + PORTS.get(3 + number));
    }

    @Override
    public void prepare(KubernetesApi api) throws Exception {
      GatewayReplicasIT.api = api;
      for (ObjectKind kind : ObjectKind.values()) {
        if (kind.group().equals(GATEWAY_GROUP)) {
          define(definition(kind), kind);
        }
      }
      define(
          Manifests.documents("kubernetes/gateway-api/failoverpolicies.yaml").get(0),
          ObjectKind.FAILOVER_POLICY);
      grant();
      api.createNamespace("shop");
      api.createNamespace("keys");
      apply(
          """
          kind: GatewayClass
          metadata: { name: understudy }
          spec: { controllerName: understudy.dev/gateway }
          ---
          kind: Gateway
          metadata: { name: web, namespace: shop }
          spec:
            gatewayClassName: understudy
            listeners: [ { name: http, port: 80, protocol: HTTP } ]
          """);
    }
  }

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    for (int i = 0; i < 6; i++) {
      PORTS.add(Ports.free());
    }
    replicas = AgreeingReplicas.start(folder, Map.of(), new Site());
  }

  @AfterAll
  static void stop() throws Exception {
    if (replicas != null) {
      replicas.close();
    }
  }

  private static JsonNode definition(ObjectKind kind) {
    return Manifests.parse(
            """
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata:
              name: %1$s.%2$s
              annotations: { api-approved.kubernetes.io: "unapproved, for tests" }
            spec:
              group: %2$s
              scope: %3$s
              names: { kind: %4$s, listKind: %4$sList, plural: %1$s, singular: %5$s }
              versions:
                - name: v1
                  served: true
                  storage: true
                  subresources: { status: {} }
                  schema:
                    openAPIV3Schema: { type: object, x-kubernetes-preserve-unknown-fields: true }
            """
                .formatted(
                    kind.plural(),
                    kind.group(),
                    kind.isClusterScoped() ? "Cluster" : "Namespaced",
                    kind.kind(),
                    kind.kind().toLowerCase(Locale.ROOT)))
        .get(0);
  }

  private static void define(JsonNode definition, ObjectKind kind) throws Exception {
    api.admin(
        "POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition.toString());
    Await.until(
        kind.kind() + " is served",
        () -> {
          try {
            api.admin("GET", "/apis/" + kind.apiVersion() + "/" + kind.plural(), "");
            return true;
          } catch (IOException e) {
            return false;
          }
        });
  }

  /** Gives the rights of the manifests, and those to Secrets, to the user of the replicas. */
  private static void grant() throws Exception {
    for (JsonNode each : Manifests.documents("kubernetes/gateway-api/clusterrole.yaml")) {
      ObjectNode object = (ObjectNode) each;
      if (object.path("kind").asString().equals("ClusterRole")) {
        ((ArrayNode) object.path("rules"))
            .add(
                JSON.readTree(
                    """
                    {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "list", "watch"]}
                    """));
        api.admin("POST", ROLES, object.toString());
      } else {
        object.set(
            "subjects",
            JSON.readTree(
                """
                [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "proxy"}]
                """));
        api.admin(
            "POST", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", object.toString());
      }
    }
  }

  private static ObjectKind kind(JsonNode object) {
    for (ObjectKind each : ObjectKind.values()) {
      if (each.kind().equals(object.path("kind").asString())) {
        return each;
      }
    }
    throw new AssertionError("no kind of " + object);
  }

  private static String path(ObjectKind kind, String namespace) {
    return (kind.group().isEmpty() ? "/api/" : "/apis/")
        + kind.apiVersion()
        + (kind.isClusterScoped() ? "/" : "/namespaces/" + namespace + "/")
        + kind.plural();
  }

  /** Creates objects. */
  private static void apply(String yaml) throws Exception {
    for (JsonNode each : Manifests.parse(yaml)) {
      ObjectKind kind = kind(each);
      ((ObjectNode) each).put("apiVersion", kind.apiVersion());
      api.admin("POST", path(kind, each.at("/metadata/namespace").asString("")), each.toString());
    }
  }

  private static ObjectNode get(ObjectKind kind, String namespace, String name) throws Exception {
    return (ObjectNode) JSON.readTree(api.admin("GET", path(kind, namespace) + "/" + name, ""));
  }

  private static void put(ObjectKind kind, ObjectNode object, String under) throws Exception {
    api.admin(
        "PUT",
        path(kind, object.at("/metadata/namespace").asString(""))
            + "/"
            + object.at("/metadata/name").asString()
            + under,
        object.toString());
  }

  private static String route(String name) {
    return """
    ---
    kind: HTTPRoute
    metadata: { name: %1$s, namespace: shop }
    spec:
      parentRefs: [ { name: web } ]
      hostnames: [ %1$s.example ]
      rules: [ { filters: [ { type: RequestRedirect, requestRedirect: { scheme: https } } ] } ]
    """
        .formatted(name);
  }

  private static int status(int replica, String name) throws IOException {
    Answer answer =
        HttpConnection.once(PORTS.get(replica), "GET", "/", "Host: " + name + ".example");
    return answer.status();
  }

  private static void awaitStatus(String name, int status) {
    Await.until(
        name + " is answered by " + status + " at each replica",
        () -> {
          for (int each : LIVING) {
            if (status(each, name) != status) {
              return false;
            }
          }
          return true;
        });
  }

  /** Our entries of a route's parents that say that it is accepted. */
  private static long accepted(JsonNode route) {
    return route
        .at("/status/parents")
        .valueStream()
        .filter(each -> each.path("controllerName").asString("").equals(OURS))
        .filter(each -> condition(each, "Accepted").equals("True/Accepted"))
        .count();
  }

  /** Status and reason of a condition; empty if there is none. */
  private static String condition(JsonNode of, String type) {
    return of.path("conditions")
        .valueStream()
        .filter(each -> each.path("type").asString("").equals(type))
        .map(each -> each.path("status").asString() + "/" + each.path("reason").asString())
        .findFirst()
        .orElse("");
  }

  private static void awaitAccepted(String name) {
    Await.until(
        name + " is accepted", () -> accepted(get(ObjectKind.HTTP_ROUTE, "shop", name)) == 1);
  }

  @Test
  void all_replicas_serve_a_route_and_its_status_is_written_once() throws Exception {
    apply(route("first"));
    awaitStatus("first", 302);
    awaitAccepted("first");
    String written =
        get(ObjectKind.HTTP_ROUTE, "shop", "first").at("/metadata/resourceVersion").asString();
    apply(route("second"));
    awaitStatus("second", 302);
    awaitAccepted("second");
    assertThat(
            get(ObjectKind.HTTP_ROUTE, "shop", "first").at("/metadata/resourceVersion").asString())
        .isEqualTo(written);
    assertThat(
            condition(get(ObjectKind.GATEWAY_CLASS, "", "understudy").path("status"), "Accepted"))
        .isEqualTo("True/Accepted");
  }

  @Test
  void another_replica_goes_on_with_status_when_the_leading_one_is_killed_at_it() throws Exception {
    applyMany(0, MANY / 2);
    awaitWritten(3);
    // At once, by SIGKILL.
    replicas.all().get(LIVING.removeFirst()).close();
    applyMany(MANY / 2, MANY);

    Await.until("another controller has an entry, too", () -> putForeign("many-" + (MANY - 1)));
    awaitWritten(MANY);
    JsonNode parents =
        get(ObjectKind.HTTP_ROUTE, "shop", "many-" + (MANY - 1)).at("/status/parents");
    assertThat(parents.valueStream().map(each -> each.path("controllerName").asString()))
        .containsExactlyInAnyOrder("other.example/gateway", OURS);
    awaitStatus("many-" + (MANY - 1), 302);
  }

  private static void applyMany(int from, int to) throws Exception {
    for (int i = from; i < to; i++) {
      apply(route("many-" + i));
    }
  }

  private static void awaitWritten(int least) {
    Await.until(
        least + " routes are accepted",
        () ->
            JSON.readTree(api.admin("GET", path(ObjectKind.HTTP_ROUTE, "shop"), ""))
                    .path("items")
                    .valueStream()
                    .filter(each -> each.at("/metadata/name").asString().startsWith("many-"))
                    .filter(each -> accepted(each) == 1)
                    .count()
                >= least);
  }

  /** Adds an entry of another controller; false if the route was written meanwhile. */
  private static boolean putForeign(String name) throws Exception {
    ObjectNode route = get(ObjectKind.HTTP_ROUTE, "shop", name);
    route
        .withArray("/status/parents")
        .add(
            JSON.readTree(
                """
                {"controllerName": "other.example/gateway", "parentRef": {"name": "other"},
                 "conditions": [{"type": "Accepted", "status": "True", "reason": "Accepted",
                   "message": "", "lastTransitionTime": "2026-01-01T00:00:00Z"}]}
                """));
    try {
      put(ObjectKind.HTTP_ROUTE, route, "/status");
      return true;
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("409");
      return false;
    }
  }

  @Test
  void traffic_goes_on_while_the_api_is_away_and_may_not_be_read_afterwards() throws Exception {
    apply(route("kept"));
    awaitStatus("kept", 302);
    JsonNode role = get(ROLES + "/understudy:understudy:gateway-api");
    ObjectNode less = role.deepCopy().asObject();
    ArrayNode rules = JSON.createArrayNode();
    role.path("rules")
        .valueStream()
        .filter(each -> !each.path("resources").toString().contains("httproutes\""))
        .forEach(rules::add);
    less.set("rules", rules);
    api.admin("PUT", ROLES + "/understudy:understudy:gateway-api", less.toString());
    api.kill();
    awaitStatus("kept", 302);
    api.start();
    apply(route("unread"));
    Await.until("each replica says what it may not read", this::areForbidden);
    awaitStatus("kept", 302);
    awaitStatus("unread", 404);

    ObjectNode all = get(ROLES + "/understudy:understudy:gateway-api").deepCopy().asObject();
    all.set("rules", role.path("rules"));
    api.admin("PUT", ROLES + "/understudy:understudy:gateway-api", all.toString());
    awaitStatus("unread", 302);
    awaitAccepted("unread");
    api.admin("DELETE", path(ObjectKind.HTTP_ROUTE, "shop") + "/kept", "");
    awaitStatus("kept", 404);
  }

  private static JsonNode get(String path) throws Exception {
    return JSON.readTree(api.admin("GET", path, ""));
  }

  private boolean areForbidden() throws IOException {
    for (int each : LIVING) {
      if (!replicas.all().get(each).log().contains("httproutes")) {
        return false;
      }
    }
    return true;
  }

  @Test
  void a_secret_of_another_namespace_needs_a_grant_and_may_be_rotated() throws Exception {
    X509Bundle first = certificate();
    X509Bundle second = certificate();
    apply(
        """
        kind: Secret
        type: kubernetes.io/tls
        metadata: { name: web, namespace: keys }
        data: %s
        ---
        kind: Gateway
        metadata: { name: safe, namespace: shop }
        spec:
          gatewayClassName: understudy
          listeners:
            - name: https
              port: 443
              protocol: HTTPS
              hostname: safe.example
              tls: { certificateRefs: [ { name: web, namespace: keys } ] }
        """
            .formatted(data(first)));
    awaitListener("False/RefNotPermitted");
    apply(
        """
        kind: ReferenceGrant
        metadata: { name: web, namespace: keys }
        spec:
          from: [ { group: gateway.networking.k8s.io, kind: Gateway, namespace: shop } ]
          to: [ { group: "", kind: Secret } ]
        """);
    awaitListener("True/ResolvedRefs");
    awaitCertificate(first);
    ObjectNode secret = get(ObjectKind.SECRET, "keys", "web");
    secret.set("data", JSON.readTree(data(second)));
    put(ObjectKind.SECRET, secret, "");
    awaitCertificate(second);
    api.admin("DELETE", path(ObjectKind.REFERENCE_GRANT, "keys") + "/web", "");
    awaitListener("False/RefNotPermitted");
  }

  private static void awaitListener(String resolved) {
    Await.until(
        "the listener's references are " + resolved,
        () ->
            condition(
                    get(ObjectKind.GATEWAY, "shop", "safe").at("/status/listeners/0"),
                    "ResolvedRefs")
                .equals(resolved));
  }

  private static X509Bundle certificate() throws Exception {
    return new CertificateBuilder()
        .ecp256()
        .subject("CN=safe.example")
        .addSanDnsName("safe.example")
        .setIsCertificateAuthority(true)
        .buildSelfSigned();
  }

  private static String data(X509Bundle of) {
    return "{\"tls.crt\": \"%s\", \"tls.key\": \"%s\"}"
        .formatted(base64(of.getCertificatePEM()), base64(of.getPrivateKeyPEM()));
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static void awaitCertificate(X509Bundle expected) {
    BigInteger serial = expected.getCertificate().getSerialNumber();
    Await.until(
        "each replica shows that certificate",
        () -> {
          for (int each : LIVING) {
            if (!serial.equals(shown(PORTS.get(3 + each)))) {
              return false;
            }
          }
          return true;
        });
  }

  /** The serial number of the certificate that a port shows; 0 if it shows none. */
  private static BigInteger shown(int port) throws Exception {
    try (SSLSocket socket = Trusting.secure(new Socket("127.0.0.1", port), "safe.example")) {
      return ((X509Certificate) socket.getSession().getPeerCertificates()[0]).getSerialNumber();
    } catch (IOException e) {
      return BigInteger.ZERO;
    }
  }
}
